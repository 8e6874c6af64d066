export { badWords } from "./badWords.ts";
export { countPenalties, type CountPenalties } from "./countPenalties.ts";
export { epsilon } from "./epsilon.ts";
export { eta } from "./eta.ts";
export { logitBias } from "./logitBias.ts";
export type { LogitsProcessor } from "./logitsProcessor.ts";
export { minP } from "./minP.ts";
export { noRepeatNgram } from "./noRepeatNgram.ts";
export {
  logProbabilities,
  probabilities,
  topLogProbabilities,
  type TopLogProbability,
} from "./probabilities.ts";
export { repetitionPenalty } from "./repetitionPenalty.ts";
export { temperature } from "./temperature.ts";
export { topK } from "./topK.ts";
export { topP } from "./topP.ts";
export { typical } from "./typical.ts";
