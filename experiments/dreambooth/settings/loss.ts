import type { HuberSchedule, LossType, PredictionType } from "seedbed";

import { share } from "./schemas.ts";

/** What is minimised. */
export interface LossSettings {
  priorWeight: number;
  pairing: "concat" | "twoPass";
  minSnrGamma: number | null;
  predictionType: PredictionType | null;
  zeroTerminalSnr: boolean | null;
  type: LossType;
  huberDelta: number;
  huberSchedule: HuberSchedule;
  offsetNoise: number;
  elboWeight: number;
  masked: boolean;
  unmaskedWeight: number;
}

const weight = { type: "number", minimum: 0 };

export const lossSchema: object = {
  type: "object",
  description: "What is minimised.",
  default: {},
  properties: {
    priorWeight: {
      ...weight,
      default: 1,
      description: "Weight of the class images' loss; 0 trains without class images.",
    },
    pairing: {
      enum: ["concat", "twoPass"],
      default: "concat",
      description:
        "Subject and class as one batch, or in two passes one after the other, as the original does: the same loss in less memory.",
    },
    minSnrGamma: {
      anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
      default: null,
      description: "Weight timesteps by min(SNR, gamma); null: all alike.",
    },
    predictionType: {
      enum: ["epsilon", "v_prediction", "sample", null],
      default: null,
      description:
        "What the UNet learns to predict, and the saved scheduler then says; null: what it does already.",
    },
    zeroTerminalSnr: {
      enum: [true, false, null],
      default: null,
      description:
        "Whether the last timestep is pure noise, which is never predicted as noise; the saved scheduler then says so, and samples from there, as DDIM where its class (PNDM, Heun, LMS) cannot. null: as it is already.",
    },
    type: {
      enum: ["mse", "l1", "huber", "smoothL1", "pseudoHuber", "pseudoSmoothL1"],
      default: "mse",
      description:
        "How much a difference costs. `huber` and `smoothL1` are PyTorch's; the pseudo ones are what kohya-ss and diffusers call huber and smooth_l1.",
    },
    huberDelta: {
      type: "number",
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.1,
      description: "Difference beyond which a Huber loss counts it as such, and not its square.",
    },
    huberSchedule: {
      enum: ["constant", "exponential", "snr"],
      default: "constant",
      description: "How the delta falls from about 1 without noise to `huberDelta` in pure noise.",
    },
    offsetNoise: {
      ...weight,
      default: 0,
      description:
        "Deviation of noise that is the same all over a channel, so that dark and bright pictures are learnt; 0.1 is usual.",
    },
    elboWeight: {
      ...weight,
      default: 0,
      description: "Weight of the variational bound beside the plain loss.",
    },
    masked: {
      type: "boolean",
      default: false,
      description:
        "Count only what the subject's pictures show of it: where they are not transparent, or `data.instance.masks` is white. The mean is over that, at the resolution of latents.",
    },
    unmaskedWeight: {
      ...share,
      default: 0,
      description: "Weight of all else in a masked loss, beside 1.",
    },
  },
};
