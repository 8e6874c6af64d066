import type { Mixture } from "../../nano/data/mixture.ts";
import { pictureKinds, type PictureKind } from "../../nano/pictures/picture.ts";
import { builtData, mixture, type BuiltDataSettings } from "../../nano/settings/data.ts";
import { count } from "../../nano/settings/fields.ts";

export interface DataSettings extends BuiltDataSettings {
  kinds: PictureKind[];
  length: number;
  batchSize: number;
  dialogues: { share: number; length: number; batchSize: number; mixture: Mixture };
}

export const data: object = {
  type: "object",
  description: "Nano's pictures and dialogues; built as the language model's were.",
  default: {},
  properties: {
    ...builtData,
    kinds: {
      type: "array",
      items: { enum: pictureKinds },
      minItems: 1,
      default: pictureKinds,
      description: "Of pictures, those that are learnt and asked for.",
    },
    length: {
      ...count,
      default: 64,
      description: "Most tokens of a picture, a question about it and the answer.",
    },
    batchSize: { ...count, default: 32, description: "Pictures." },
    dialogues: {
      type: "object",
      description: "Dialogues without pictures in each step, so that they are not forgotten.",
      default: {},
      properties: {
        share: {
          type: "number",
          minimum: 0,
          exclusiveMaximum: 1,
          default: 0,
          description: "Of the loss; 0: there are none.",
        },
        length: { ...count, default: 256, description: "Tokens in a row." },
        batchSize: { ...count, default: 4, description: "Rows." },
        mixture,
      },
    },
  },
};
