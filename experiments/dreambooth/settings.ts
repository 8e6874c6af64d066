import { readSections, type ExperimentSpec } from "seedbed";

/** What the spec says beyond the common keys; the schemas below guarantee it. */
export interface DreamboothSettings {
  model: {
    folder: string;
    trains: { unet: boolean; textEncoder: boolean };
    priorWeight: number;
    gradientCheckpointing: boolean;
    minSnrGamma: number | null;
  };
  data: {
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
  };
  sampling: {
    steps: number;
    guidanceScale: number;
    eta: number;
    batchSize: number;
    seed: number;
    samples: number;
    prompts: string[];
  };
}

const positive = { type: "integer", minimum: 1 } as const;
const seed = { type: "integer", minimum: 0, maximum: 2 ** 31 } as const;
const share = { type: "number", minimum: 0, maximum: 1 } as const;
const text = { type: "string", pattern: "\\S" } as const;
const folder = { type: "string", minLength: 1 } as const;

export const sections: Readonly<Record<string, object>> = {
  model: {
    type: "object",
    description: "The model that is fine-tuned, and which of its parts.",
    required: ["folder"],
    properties: {
      folder: {
        ...folder,
        description:
          "Pipeline in the folder layout of diffusers, a `.ckpt` or `.safetensors` of the original code, or `hf:owner/name` of Hugging Face's hub.",
      },
      trains: {
        type: "object",
        default: {},
        description: "Which parts learn; the autoencoder never does.",
        properties: {
          unet: { type: "boolean", default: true },
          textEncoder: { type: "boolean", default: true },
        },
      },
      priorWeight: {
        type: "number",
        minimum: 0,
        default: 1,
        description: "Weight of the class images' loss; 0 trains without class images.",
      },
      gradientCheckpointing: {
        type: "boolean",
        default: false,
        description: "Compute the UNet's blocks twice, to save the memory of the first time.",
      },
      minSnrGamma: {
        anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
        default: null,
        description: "Weight timesteps by min(SNR, gamma); null: all alike.",
      },
    },
  },
  data: {
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
            description: "Own class pictures; null: the model draws them before it is trained.",
          },
          count: { ...positive, default: 100 },
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
    },
  },
  sampling: {
    type: "object",
    description: "Pictures made before and after, for the grid and the evaluation.",
    default: {},
    properties: {
      steps: { ...positive, default: 30 },
      guidanceScale: { type: "number", minimum: 1, default: 3 },
      eta: { ...share, default: 0, description: "Fresh noise of DDIM's steps; 1: ancestral." },
      batchSize: { ...positive, default: 16 },
      seed: { ...seed, default: 0 },
      samples: { ...positive, default: 32, description: "Per prompt; the grid shows the first 8." },
      prompts: {
        type: "array",
        items: text,
        default: [],
        description: "More prompts for the grid, such as the subject on another background.",
      },
    },
  },
};

/** The spec's own sections, checked. */
export function settingsOf(spec: ExperimentSpec): DreamboothSettings {
  return readSections(spec, sections);
}
