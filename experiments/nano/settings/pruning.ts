import type { DecoderSizes } from "seedbed";

import { count } from "./fields.ts";

export interface PruningSettings extends Record<keyof DecoderSizes, number | null> {
  batches: number;
}

const size = { ...count, type: ["integer", "null"], default: null } as const;

export const pruning: object = {
  type: "object",
  description:
    "What is cut off model.folder before training, by how little it matters for training's texts; null keeps all.",
  default: {},
  properties: {
    layers: { ...size, description: "Layers that stay, those that change most." },
    feedForward: { ...size, description: "Channels that stay inside each feed-forward layer." },
    keyValueHeads: {
      ...size,
      description:
        "Heads of keys and values that stay in each layer, with the query heads that share them.",
    },
    features: { ...size, description: "Features that stay between layers." },
    batches: { ...count, default: 8, description: "Batches that importance is measured on." },
  },
};
