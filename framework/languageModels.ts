/** @file Public names around language models: how a small one learns from a large one. */

// distillation
export {
  distillationLoss,
  divergenceNames,
  type DistillationLoss,
  type DistillationOptions,
  type DivergenceName,
} from "./distillation/distillationLoss.ts";
export { hiddenCosineDistance, hiddenSquaredError } from "./distillation/hiddenStates.ts";
export { meanOverLabels } from "./distillation/meanOverLabels.ts";
export { pickLogits, topKLogits, type TopKLogits } from "./distillation/topKLogits.ts";
