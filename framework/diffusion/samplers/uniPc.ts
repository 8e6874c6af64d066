import type { SchedulerConfig } from "../schedulerConfig.ts";
import { combine, termsOf, type Combination, type Terms } from "./combination.ts";
import { noiseTerm, type CallPoint, type PlanSampler } from "./samplerPlan.ts";
import { solverLevel, solverSteps, type SolverLevel } from "./solverSteps.ts";

/**
 * UniPC: each call of the network corrects the step that led there, and predicts the next.
 *
 * Source: Zhao et al. 2023, arXiv:2302.04867, algorithms 1 and 2, with B(h) = h (bh1) or
 * e^h - 1 (bh2); clean samples (`predict_x0`) as in algorithms 5 and 6.
 */
export const uniPc: PlanSampler = (config, { steps, skip }) => {
  const { timesteps, sigmas } = solverSteps(config, steps);
  const { solver_order: order = 2, disable_corrector: uncorrected = [] } = config;
  /** Memory: the latents that the last step began with, then outputs, latest first. */
  const terms = termsOf(1 + order);
  const [origin, past] = [terms.memory[0]!, terms.memory.slice(1)];
  const levels = sigmas.map(solverLevel);
  let lastOrder = 0;
  const calls = timesteps.slice(skip).map((timestep, index) => {
    const step = skip + index;
    const { alpha, noise } = levels[step]!;
    const level = { signalScale: alpha, noiseScale: noise };
    const point = { timestep, level, inputScale: 1 };
    const output = outputOf(config, point, terms);
    const corrects = index > 0 && !uncorrected.includes(step - 1);
    const latents = corrects
      ? stepTo(config, levels.slice(step - lastOrder, step + 1).toReversed(), origin, past, output)
      : terms.latents;
    lastOrder = Math.min(index + 1, orderAt(config, step, steps));
    const outputs = [output, ...past];
    const visited = levels.slice(step - lastOrder + 1, step + 2).toReversed();
    const next = stepTo(config, visited, latents, outputs);
    return { ...point, step, next: [next, latents, ...outputs.slice(0, -1)] };
  });
  return { startScale: 1, memories: 1 + order, calls };
};

function orderAt(config: SchedulerConfig, step: number, steps: number): number {
  const { solver_order: order = 2, lower_order_final = true } = config;
  return lower_order_final ? Math.min(order, steps - step) : order;
}

/** What is extrapolated: the clean sample, or the noise. */
function outputOf(config: SchedulerConfig, point: CallPoint, terms: Terms): Combination {
  return config.predict_x0 === false ? noiseTerm(config, point, terms) : terms.sample;
}

/**
 * One step, predicted from the outputs until its beginning, or corrected by the one at its end.
 *
 * @param levels where the step goes, where it begins, then those before; as many as its order + 1
 * @param outputs at where it begins, then those before
 * @param reached output at where it goes
 */
function stepTo(
  config: SchedulerConfig,
  levels: readonly SolverLevel[],
  latents: Combination,
  outputs: readonly Combination[],
  reached?: Combination,
): Combination {
  const [to, from, before] = [levels[0]!, levels[1]!, levels.slice(2)];
  const samples = config.predict_x0 !== false;
  const h = to.lambda - from.lambda;
  const signed = samples ? -h : h;
  const output = outputs[0]!;
  const ratios = before.map(({ lambda }) => (lambda - from.lambda) / h);
  const differences = ratios.map((ratio, i) =>
    combine([1 / ratio, outputs[i + 1]!], [-1 / ratio, output]),
  );
  if (reached !== undefined) {
    ratios.push(1);
    differences.push(combine([1, reached], [-1, output]));
  }
  const weights = weightsOf(config, ratios, signed);
  const [scale, kept] = samples
    ? [to.alpha, to.noise / from.noise]
    : [to.noise, to.alpha / from.alpha];
  return combine(
    [kept, latents],
    [-scale * Math.expm1(signed), output],
    ...differences.map((difference, i) => [-scale * weights[i]!, difference] as const),
  );
}

/**
 * Weights of the differences: those that make the step exact for polynomials. One alone is 1/2 in
 * the published class, whatever the step. Eq. 5, and appendix F for a single one.
 */
function weightsOf(config: SchedulerConfig, ratios: readonly number[], h: number): number[] {
  const step = config.solver_type === "bh1" ? h : Math.expm1(h);
  if (ratios.length === 1) return [step / 2];
  const moments: number[] = [];
  let phi = Math.expm1(h) / h - 1;
  let factorial = 1;
  for (let power = 1; power <= ratios.length; power++) {
    moments.push(phi * factorial);
    factorial *= power + 1;
    phi = phi / h - 1 / factorial;
  }
  return solveVandermonde(ratios, moments);
}

/** `x` with `sum_j x_j * nodes_j^i = moments_i`, by elimination; up to 3 unknowns. */
function solveVandermonde(nodes: readonly number[], moments: readonly number[]): number[] {
  const size = nodes.length;
  const rows = moments.map((moment, i) => [...nodes.map((node) => node ** i), moment]);
  for (let pivot = 0; pivot < size; pivot++) {
    const best = rows
      .slice(pivot)
      .reduce((a, b) => (Math.abs(b[pivot]!) > Math.abs(a[pivot]!) ? b : a));
    rows.splice(rows.indexOf(best), 1);
    rows.splice(pivot, 0, best);
    for (const row of rows) {
      if (row === best) continue;
      const factor = row[pivot]! / best[pivot]!;
      best.forEach((value, column) => (row[column]! -= factor * value));
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
