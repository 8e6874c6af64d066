import { alphaAt, type NoiseSchedule } from "./noiseSchedule.ts";
import type { SchedulerConfig } from "./schedulerConfig.ts";

/** The signal that is left where a schedule has none, so that its sigma is finite. */
const leastAlpha = 2 ** -24;

/**
 * Standard deviation of the noise over the scale of the signal, `sqrt((1 - a) / a)`, of every
 * timestep of the training process.
 *
 * Source: Karras et al. 2022, arXiv:2206.00364, section 2 and C.3.4.
 */
export function trainingSigmas({ alphasCumprod }: NoiseSchedule): Float64Array {
  return alphasCumprod.map((alpha) => {
    const signal = alpha === 0 ? leastAlpha : alpha;
    return Math.fround(Math.sqrt((1 - signal) / signal));
  });
}

/** The sigma of a timestep, which may lie between two. */
export function sigmaAt(
  sigmas: Float64Array,
  timestep: number,
  interpolation: SchedulerConfig["interpolation_type"] = "linear",
): number {
  const low = Math.min(Math.floor(timestep), sigmas.length - 1);
  const high = Math.min(low + 1, sigmas.length - 1);
  const [from, to, share] = [sigmas[low]!, sigmas[high]!, timestep - low];
  return interpolation === "linear"
    ? from + (to - from) * share
    : Math.exp(Math.log(from) + (Math.log(to) - Math.log(from)) * share);
}

/** The timestep of a sigma, between two by the logarithm; sigmas beyond the ends have the end's. */
export function timestepOf(sigmas: Float64Array, sigma: number): number {
  const last = sigmas.length - 1;
  const above = sigmas.findIndex((value) => value > sigma);
  const low = Math.min(Math.max((above === -1 ? last : above) - 1, 0), last - 1);
  const [from, to] = [Math.log(sigmas[low]!), Math.log(sigmas[low + 1]!)];
  return low + Math.min(Math.max((Math.log(sigma) - from) / (to - from), 0), 1);
}

/** Both ends of the noise that a sampler passes. */
export interface SigmaRange {
  largest: number;
  smallest: number;
}

/**
 * Sigmas spaced anew between the ends, falling; undefined if the config asks for none of the
 * respacings.
 */
export function respacedSigmas(
  config: SchedulerConfig,
  steps: number,
  range: SigmaRange,
): number[] | undefined {
  const ends = {
    largest: config.sigma_max ?? range.largest,
    smallest: config.sigma_min ?? range.smallest,
  };
  if (config.use_karras_sigmas === true) return karrasSigmas(steps, ends);
  const geometric = config.use_exponential_sigmas === true || config.use_lu_lambdas === true;
  return geometric ? geometricSigmas(steps, ends) : undefined;
}

/** Source: Karras et al. 2022, arXiv:2206.00364, eq. 5. */
function karrasSigmas(steps: number, { largest, smallest }: SigmaRange): number[] {
  const rho = 7;
  const [from, to] = [largest ** (1 / rho), smallest ** (1 / rho)];
  return spaced(steps, from, to).map((root) => root ** rho);
}

/**
 * Evenly spaced logarithms.
 *
 * Source: Lu et al. 2022, arXiv:2206.00927, section 3.4 (uniform lambda).
 */
function geometricSigmas(steps: number, { largest, smallest }: SigmaRange): number[] {
  return spaced(steps, Math.log(largest), Math.log(smallest)).map(Math.exp);
}

function spaced(steps: number, from: number, to: number): number[] {
  return Array.from(
    { length: steps },
    (_, step) => from + (to - from) * (steps === 1 ? 0 : step / (steps - 1)),
  );
}

/** Where the last step ends. */
export function finalSigma(config: SchedulerConfig, schedule: NoiseSchedule): number {
  if (config.final_sigmas_type !== "sigma_min") return 0;
  const alpha = alphaAt(schedule, 0);
  return Math.sqrt((1 - alpha) / alpha);
}
