import { pausesAtRungs } from "../spec/sweepStages.ts";
import { halvingQueue, PromotionQueue } from "./halvingQueue.ts";
import { populationQueue, type PopulationQueueOptions } from "./pbt/populationQueue.ts";
import { TrialQueue, type TrialQueueOptions, type TrialSource } from "./trialQueue.ts";

export interface CreateQueueOptions
  extends
    TrialQueueOptions,
    Partial<Pick<PopulationQueueOptions, "exploit" | "retriesFailed" | "isHeld">> {}

/** The order of trials that a sweep asks for. */
export function createQueue(options: CreateQueueOptions): TrialSource {
  const { pbt, earlyTerminate } = options.plan.spec;
  const { exploit } = options;
  const base = new TrialQueue(options);
  if (pbt && exploit) return populationQueue({ ...options, base, exploit }, pbt);
  if (!earlyTerminate || !pausesAtRungs(earlyTerminate)) return base;
  if (earlyTerminate.type === "asha")
    return new PromotionQueue({ ...options, base }, earlyTerminate);
  return halvingQueue({ ...options, base }, earlyTerminate);
}
