import { pictureProperties, type PictureSettings } from "./pictures.ts";
import {
  captionProperties,
  instancePromptProperties,
  optionalText,
  originalTemplates,
  type CaptionSettings,
} from "./prompts.ts";
import { folder, positive, seed, share } from "./schemas.ts";

/** What is to be learnt. Prompts are written out. */
export interface InstanceSettings extends CaptionSettings {
  folder: string;
  /** The first of the prompts: what is sampled. */
  prompt: string;
  prompts: readonly string[];
  token: string | null;
  class: string | null;
  reference: string | null;
  masks: string | null;
  /** `#rrggbb` by name. */
  backgrounds: Record<string, string>;
}

/** What it is one of. */
export interface ClassSettings extends CaptionSettings {
  prompt: string;
  folder: string | null;
  count: number;
  seed: number;
  steps: number;
  guidanceScale: number;
  eta: number;
}

export interface SubjectSettings {
  instance: InstanceSettings;
  class: ClassSettings;
}

/** Pictures and prompts; `instance` and `class` are those of the first subject. */
export interface DataSettings extends PictureSettings, SubjectSettings {
  subjects: readonly SubjectSettings[];
  batchSize: number;
  variants: number;
  movement: number;
}

const instanceSchema: object = {
  type: "object",
  required: ["folder"],
  properties: {
    folder: { ...folder, description: "3-5 pictures of the subject." },
    ...instancePromptProperties,
    reference: {
      anyOf: [folder, { type: "null" }],
      default: null,
      description: "Further pictures, never trained on: the ceiling of the fidelity.",
    },
    masks: {
      anyOf: [folder, { type: "null" }],
      default: null,
      description:
        "Masks for `loss.masked`, named and sized as the pictures, white where the subject is; null: the pictures' transparency.",
    },
    backgrounds: {
      type: "object",
      additionalProperties: { type: "string", pattern: "^#[0-9a-fA-F]{6}$" },
      default: {},
      description:
        "Colours (#rrggbb) by name: of a cut-out subject every second copy lies on one of them, told as `... on a NAME background`.",
    },
  },
};

const classSchema: object = {
  type: "object",
  properties: {
    prompt: {
      ...optionalText,
      description: `Names the class alone; null: "${originalTemplates.class}", with the instance's class.`,
    },
    ...captionProperties,
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
  },
};

export const dataSchema: object = {
  type: "object",
  description: "Pictures of the subject, and of its class.",
  properties: {
    instance: instanceSchema,
    class: classSchema,
    subjects: {
      type: "array",
      minItems: 1,
      description:
        "Several subjects, in the place of `instance` and `class`; batches mix them evenly.",
      items: {
        type: "object",
        required: ["instance"],
        properties: { instance: instanceSchema, class: { ...classSchema, default: {} } },
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
    movement: {
      type: "number",
      minimum: 0,
      maximum: 5,
      default: 1,
      description:
        "How far copies of a cut-out subject are moved, turned and scaled. 1: by 6 % of the frame and 6 degrees to either side, and to 0.85 to 1.05 of its size; 0: not at all.",
    },
    ...pictureProperties,
  },
};
