import { count, folder } from "../../nano/settings/fields.ts";
import type { PicturePart, TowerSizes } from "../../nano/vision/pictureModel.ts";

/** Whether a part of the model learns: itself, by changes of low rank, or not at all. */
export type Training = "all" | "lora" | "nothing";

export interface ModelSettings {
  folder: string | null;
  tower: TowerSizes;
  trains: Record<PicturePart, Training>;
}

const training = { enum: ["all", "lora", "nothing"], default: "all" } as const;

export const model: object = {
  type: "object",
  description: "A language model that sees pictures, of Idefics3's form.",
  default: {},
  properties: {
    folder: {
      ...folder,
      description: "A language model, which gets eyes; or one that sees pictures, to go on with.",
    },
    tower: {
      type: "object",
      description: "SigLIP's vision tower from nothing, where `folder` has none.",
      default: {},
      properties: {
        features: { ...count, default: 128 },
        feedForward: { ...count, default: 384 },
        layers: { ...count, default: 4 },
        heads: { ...count, default: 4 },
        patchSize: { ...count, default: 8, description: "Side of a patch in pixels." },
        scaleFactor: {
          ...count,
          default: 2,
          description: "So many patches, in both directions, make a token of the text.",
        },
      },
    },
    trains: {
      type: "object",
      description:
        "Which parts learn: `all` of one, changes of low rank beside its layers (`lora`), or `nothing`.",
      default: {},
      properties: { vision: training, connector: training, text: training },
    },
  },
};
