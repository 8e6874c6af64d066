import { pictureProperties, type PictureSettings } from "./pictures.ts";
import { folder, positive, seed, share, text } from "./schemas.ts";

/** Pictures and prompts. */
export interface DataSettings extends PictureSettings {
  instance: {
    folder: string;
    prompt: string;
    reference: string | null;
    /** `#rrggbb` by name. */
    backgrounds: Record<string, string>;
  };
  class: {
    prompt: string;
    folder: string | null;
    count: number;
    seed: number;
    steps: number;
    guidanceScale: number;
    eta: number;
    captionDropout: number;
  };
  batchSize: number;
  variants: number;
}

export const dataSchema: object = {
  type: "object",
  description: "Pictures of the subject, and of its class.",
  required: ["instance", "class"],
  properties: {
    instance: {
      type: "object",
      required: ["folder", "prompt"],
      properties: {
        folder: { ...folder, description: "3-5 pictures of the subject." },
        prompt: { ...text, description: "Names the subject by a rare token and its class." },
        reference: {
          anyOf: [folder, { type: "null" }],
          default: null,
          description: "Further pictures, never trained on: the ceiling of the fidelity.",
        },
        backgrounds: {
          type: "object",
          additionalProperties: { type: "string", pattern: "^#[0-9a-fA-F]{6}$" },
          default: {},
          description:
            "Colours (#rrggbb) by name: of a cut-out subject every second copy lies on one of them, told as `... on a NAME background`.",
        },
      },
    },
    class: {
      type: "object",
      required: ["prompt"],
      properties: {
        prompt: { ...text, description: "Names the class alone." },
        folder: {
          anyOf: [folder, { type: "null" }],
          default: null,
          description:
            "Own class pictures, all of which are used; null: the model draws all, before it is trained.",
        },
        count: {
          ...positive,
          default: 100,
          description: "Pictures at least: the model draws what `folder` lacks.",
        },
        seed: { ...seed, default: 1000, description: "Of the first picture, the next + 1 …" },
        steps: { ...positive, default: 30 },
        guidanceScale: { type: "number", minimum: 1, default: 3 },
        eta: { ...share, default: 0, description: "Fresh noise of DDIM's steps; 1: ancestral." },
        captionDropout: {
          ...share,
          default: 0,
          description: "Share of class examples without a prompt, which guidance relies on.",
        },
      },
    },
    batchSize: {
      ...positive,
      default: 4,
      description: "Subject pictures, and as many of the class.",
    },
    variants: {
      ...positive,
      default: 16,
      description: "Slightly moved and scaled copies of each subject picture.",
    },
    ...pictureProperties,
  },
};
