import { divergenceNames, type DistillationOptions } from "seedbed";

import type { OnPolicySettings } from "../distillation/onPolicy.ts";
import type { TeacherTextSettings } from "../distillation/teacherTexts.ts";
import { count, folder, share } from "./fields.ts";

export interface DistillationSettings extends Required<Omit<DistillationOptions, "ignoreIndex">> {
  teacher: string | null;
  topK: number | null;
  logits: "live" | "stored";
  onPolicy: OnPolicySettings;
  texts: "data" | "teacher";
  teacherTexts: TeacherTextSettings;
}

const promptTokens = {
  ...count,
  default: 16,
  description: "Tokens that begin a text without questions.",
};

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
    topK: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "How many of the teacher's largest logits are compared; null: all.",
    },
    logits: {
      enum: ["live", "stored"],
      default: "live",
      description: "Whether the teacher runs beside the student, or is asked once; needs topK.",
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
        promptTokens,
      },
    },
    texts: {
      enum: ["data", "teacher"],
      default: "data",
      description:
        "Whose answers are learnt: those of the data, or the teacher's (sequence level).",
    },
    teacherTexts: {
      type: "object",
      description: "What the teacher says, with `texts: teacher`.",
      default: {},
      additionalProperties: false,
      properties: {
        beams: { ...count, default: 1, description: "1: always the likeliest token." },
        length: { ...count, default: 128, description: "Most tokens of an answer." },
        limit: {
          type: ["integer", "null"],
          minimum: 1,
          default: null,
          description: "Most answers; null: to all that is learnt.",
        },
        promptTokens,
      },
    },
  },
};
