import type { SchedulerConfig } from "../schedulerConfig.ts";
import { combine, termsOf, type Combination, type Terms } from "./combination.ts";
import { noiseTerm, type CallPoint, type PlanSampler } from "./samplerPlan.ts";
import { solverLevel, solverSteps, type SolverLevel } from "./solverSteps.ts";

/** Runs of fewer steps than this end with steps of lower order. */
const shortRun = 15;

/**
 * DPM-Solver of order 1 to 3, multistep: the network's output as a polynomial of
 * lambda = log(signal / noise), integrated exactly. Its `++` kind extrapolates clean samples, the
 * other noise; the `sde` kinds add fresh noise.
 *
 * Source: Lu et al. 2022, arXiv:2206.00927, eq. 3.7 and appendix B; arXiv:2211.01095, algorithm 2,
 * and section 5 with appendix A for the stochastic kinds.
 */
export const dpmSolver: PlanSampler = (config, { steps, skip }) => {
  const { timesteps, sigmas } = solverSteps(config, steps);
  const { solver_order: order = 2 } = config;
  const terms = termsOf(order - 1);
  const levels = sigmas.map(solverLevel);
  const calls = timesteps.slice(skip).map((timestep, index) => {
    const step = skip + index;
    const { alpha, noise } = levels[step]!;
    const level = { signalScale: alpha, noiseScale: noise };
    const point = { timestep, level, inputScale: 1 };
    const outputs = [output(config, point, terms), ...terms.memory];
    const used = Math.min(index + 1, orderAt(config, step, steps));
    const visited = levels.slice(step - used + 1, step + 2).toReversed();
    const latents = integrate(config, terms, visited, outputs.slice(0, used));
    return { ...point, step, next: [latents, ...outputs.slice(0, -1)] };
  });
  return { startScale: 1, memories: order - 1, calls };
};

/** The highest order that a step may have. */
function orderAt(config: SchedulerConfig, step: number, steps: number): number {
  const { solver_order: order = 2, lower_order_final = true, euler_at_final = false } = config;
  const falls = lower_order_final && steps < shortRun;
  const ends = config.final_sigmas_type !== "sigma_min";
  if (step === steps - 1 && (falls || ends || euler_at_final)) return 1;
  return step === steps - 2 && falls ? Math.min(order, 2) : order;
}

const extrapolatesSamples = ({ algorithm_type: type = "dpmsolver++" }: SchedulerConfig): boolean =>
  type.endsWith("++");
const addsNoise = ({ algorithm_type: type = "dpmsolver++" }: SchedulerConfig): boolean =>
  type.startsWith("sde-");

/** What is extrapolated: the clean sample, or the noise, also of a sample that was cut. */
function output(config: SchedulerConfig, point: CallPoint, terms: Terms): Combination {
  if (extrapolatesSamples(config)) return terms.sample;
  if (config.thresholding !== true) return noiseTerm(config, point, terms);
  const { signalScale, noiseScale } = point.level;
  return combine([1 / noiseScale, terms.latents], [-signalScale / noiseScale, terms.sample]);
}

/**
 * One step.
 *
 * @param levels where the step goes, where it begins, then those before
 * @param outputs at where it begins, then those before
 */
function integrate(
  config: SchedulerConfig,
  { latents, fresh }: Terms,
  levels: readonly SolverLevel[],
  outputs: readonly Combination[],
): Combination {
  const [to, from] = [levels[0]!, levels[1]!];
  const h = to.lambda - from.lambda;
  const noisy = addsNoise(config);
  const differences = derivatives(levels, outputs);
  if (extrapolatesSamples(config)) {
    const decay = noisy ? 2 * h : h;
    const weights = integrals(config, -decay, outputs.length);
    return combine(
      [(to.noise / from.noise) * (noisy ? Math.exp(-h) : 1), latents],
      ...differences.map((difference, i) => [-to.alpha * weights[i]!, difference] as const),
      [noisy ? to.noise * Math.sqrt(Math.max(-Math.expm1(-2 * h), 0)) : 0, fresh],
    );
  }
  const weights = integrals(config, h, outputs.length);
  const share = -to.noise * (noisy ? 2 : 1);
  return combine(
    [to.alpha / from.alpha, latents],
    ...differences.map((difference, i) => [share * weights[i]!, difference] as const),
    [noisy ? to.noise * Math.sqrt(Math.max(Math.expm1(2 * h), 0)) : 0, fresh],
  );
}

/**
 * Integrals of the exponential times powers of lambda, for a step of `h` (negative for clean
 * samples). The midpoint rule takes another of the same order. Karras' sigmas may end where the run
 * ends: the last step is then of no length.
 */
function integrals({ solver_type: type }: SchedulerConfig, h: number, order: number): number[] {
  const constant = Math.expm1(h);
  if (order === 1) return [constant];
  if (order === 2 && type !== "heun") return [constant, constant / 2];
  return [constant, constant / h - 1, (constant - h) / h ** 2 - 1 / 2];
}

/** The output with its first and second derivative by lambda, times a step and its square. */
function derivatives(
  levels: readonly SolverLevel[],
  outputs: readonly Combination[],
): Combination[] {
  const [output, before, first] = [outputs[0]!, outputs[1], outputs[2]];
  if (before === undefined) return [output];
  const [to, from, past, pastOfPast] = levels.map(({ lambda }) => lambda);
  const h = to! - from!;
  if (h === 0) return [output];
  const ratio = (from! - past!) / h;
  const slope = combine([1 / ratio, output], [-1 / ratio, before]);
  if (first === undefined) return [output, slope];
  const ratioBefore = (past! - pastOfPast!) / h;
  const slopeBefore = combine([1 / ratioBefore, before], [-1 / ratioBefore, first]);
  const both = ratio + ratioBefore;
  return [
    output,
    combine([1 + ratio / both, slope], [-ratio / both, slopeBefore]),
    combine([1 / both, slope], [-1 / both, slopeBefore]),
  ];
}
