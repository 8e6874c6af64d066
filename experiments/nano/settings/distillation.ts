import { divergenceNames, type DistillationOptions } from "seedbed";

import { folder, share } from "./fields.ts";

export interface DistillationSettings extends Required<Omit<DistillationOptions, "ignoreIndex">> {
  teacher: string | null;
}

export const distillation: object = {
  type: "object",
  description: "Learning from another model, beside the labels.",
  default: {},
  properties: {
    teacher: {
      ...folder,
      description: "A larger model with the same tokens; null: labels alone.",
    },
    divergence: { enum: divergenceNames, default: "forwardKl" },
    temperature: { type: "number", exclusiveMinimum: 0, default: 2 },
    teacherWeight: {
      ...share,
      default: 0.7,
      description: "Share of the divergence in the loss.",
    },
    beta: {
      type: "number",
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.5,
      description: "The teacher's share in the mixture of generalisedJensenShannon.",
    },
  },
};
