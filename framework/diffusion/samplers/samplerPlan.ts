import type { NoiseLevel } from "../forwardProcess.ts";
import { predictionFactors } from "../predictions.ts";
import type { PredictionType, SchedulerConfig } from "../schedulerConfig.ts";
import { combine, type Combination, type Terms } from "./combination.ts";

/** One call of the network. */
export interface CallPoint {
  /** What the network is told; may be a fraction. */
  readonly timestep: number;
  /** How noisy what the network sees is: signal and noise scale, whose squares add up to 1. */
  readonly level: NoiseLevel<number>;
  /** Factor from the sampler's latents to what the network sees. */
  readonly inputScale: number;
}

/** A call and what follows from it. */
export interface SamplerCall extends CallPoint {
  /** Step of the sampler, from 0; some take several calls. */
  readonly step: number;
  /** The latents after the call, then each row of the sampler's memory. */
  readonly next: readonly Combination[];
}

/** All calls of a run. Numbers only: the same for every network and every image. */
export interface SamplerPlan {
  /** Standard deviation of the latents that a run from pure noise starts with. */
  readonly startScale: number;
  /** How many arrays of the latents' shape a sampler keeps from call to call, besides them. */
  readonly memories: number;
  readonly calls: readonly SamplerCall[];
}

export interface PlanOptions {
  /** Steps from pure noise. */
  steps: number;
  /** How many of them to leave out at the beginning, as for a run that starts with an image. */
  skip: number;
  /** DDIM's share of the variance of ancestral sampling. */
  eta: number;
}

/** Pure: what a sampler does in a run. @throws {RangeError} when the steps do not fit */
export type PlanSampler = (config: SchedulerConfig, options: PlanOptions) => SamplerPlan;

/** The sampler's latents at a call: `signalScale * clean + noiseScale * noise`. */
export function latentsLevel({ level, inputScale }: CallPoint): NoiseLevel<number> {
  return {
    signalScale: level.signalScale / inputScale,
    noiseScale: level.noiseScale / inputScale,
  };
}

/** Factors of the sampler's latents and the prediction in the clean sample, and in the noise. */
export function pointFactors(
  type: PredictionType,
  { level, inputScale }: CallPoint,
): { sample: readonly [number, number]; noise: readonly [number, number] } {
  const factors = predictionFactors(type, level);
  return {
    sample: [factors.sampleFromNoisy * inputScale, factors.sampleFromPrediction],
    noise: [factors.noiseFromNoisy * inputScale, factors.noiseFromPrediction],
  };
}

/** The noise that a prediction stands for. */
export function noiseTerm(
  { prediction_type: type }: SchedulerConfig,
  point: CallPoint,
  terms: Terms,
): Combination {
  const [fromLatents, fromPrediction] = pointFactors(type, point).noise;
  return combine([fromLatents, terms.latents], [fromPrediction, terms.prediction]);
}
