import { share, text } from "./schemas.ts";

/** Where captions of single pictures come from. */
export type CaptionSource = "files" | "names" | "folder";

/** What pictures are trained under, beside a prompt. */
export interface CaptionSettings {
  captions: CaptionSource | null;
  shuffleCaptions: boolean;
  keepParts: number;
  captionDropout: number;
}

export const optionalText: object = { anyOf: [text, { type: "null" }], default: null };

export const captionProperties: Readonly<Record<string, object>> = {
  captions: {
    enum: ["files", "names", "folder", null],
    default: null,
    description:
      "Captions of single pictures, in which {token} and {class} stand for these: files: `NAME.txt` or `NAME.caption` beside the picture; names: its file's name, up to an `@`; folder: the folder's name.",
  },
  shuffleCaptions: {
    type: "boolean",
    default: false,
    description: "Put the parts of a caption, between commas, in another order at each visit.",
  },
  keepParts: {
    type: "integer",
    minimum: 0,
    default: 1,
    description: "So many first parts stay where they are.",
  },
  captionDropout: {
    ...share,
    default: 0,
    description: "Share of examples without a prompt, which guidance relies on.",
  },
};

/** The original's. */
export const originalTemplates = {
  instance: "photo of a {token} {class}",
  class: "photo of a {class}",
} as const;

export const instancePromptProperties: Readonly<Record<string, object>> = {
  prompt: {
    ...optionalText,
    description:
      "Names the subject by a rare token and its class; null: made from `token`, `class` and `templates`.",
  },
  token: {
    ...optionalText,
    description:
      "The rare word; null: what the prompt says and the class's does not. A run tells when the model knows it.",
  },
  class: { ...optionalText, description: "What the subject is, such as `dog`." },
  templates: {
    type: "array",
    items: text,
    minItems: 1,
    default: [originalTemplates.instance],
    description:
      "Prompts in which {token} and {class} are put, one of them by chance for each visit of a picture; the first one is sampled. In place of `prompt`.",
  },
  ...captionProperties,
};
