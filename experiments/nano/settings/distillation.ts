import { divergenceNames, type DistillationOptions } from "seedbed";

import type { OnPolicySettings } from "../distillation/onPolicy.ts";
import { count, folder, share } from "./fields.ts";

export interface DistillationSettings extends Required<Omit<DistillationOptions, "ignoreIndex">> {
  teacher: string | null;
  onPolicy: OnPolicySettings;
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
    onPolicy: {
      type: "object",
      description: "Learning from the teacher what to do after the student's own words (GKD).",
      default: {},
      additionalProperties: false,
      properties: {
        share: { ...share, default: 0, description: "Share of the batches that are its own." },
        temperature: { type: "number", exclusiveMinimum: 0, default: 1 },
        length: { ...count, default: 48, description: "Most tokens that it adds to a text." },
        promptTokens: {
          ...count,
          default: 16,
          description: "Tokens that begin a text without questions.",
        },
      },
    },
  },
};
