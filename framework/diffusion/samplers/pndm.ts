import { levelAt } from "../forwardProcess.ts";
import { alphaAt, createNoiseSchedule, type NoiseSchedule } from "../noiseSchedule.ts";
import type { SchedulerConfig } from "../schedulerConfig.ts";
import { combine, termsOf, type Combination } from "./combination.ts";
import { publishedTimesteps } from "./ddim.ts";
import type { PlanSampler, SamplerCall } from "./samplerPlan.ts";

/** Memory: predictions before this, latest first; where a step began; a weighted sum of its predictions. */
const terms = termsOf(5);
const [last, secondLast, thirdLast] = [terms.memory[0]!, terms.memory[1]!, terms.memory[2]!];
const [origin, sum] = [terms.memory[3]!, terms.memory[4]!];
const { latents, prediction } = terms;

/** Steps that Runge-Kutta takes, at half steps as well. */
const rungeKuttaSteps = 3;

/**
 * Pseudo numerical methods: fourth-order linear multistep, begun by Runge-Kutta, or by steps of
 * rising order where `skip_prk_steps` says so.
 *
 * Source: Liu et al. 2022, arXiv:2202.09778, eq. 11-13 and algorithm 2.
 */
export const pndm: PlanSampler = (config, { steps, skip }) => {
  const table = publishedTimesteps(config, steps).slice(skip);
  const run: Run = {
    config,
    schedule: createNoiseSchedule(config),
    stride: Math.floor(config.num_train_timesteps / steps),
    skip,
  };
  const begin = config.skip_prk_steps === true ? [] : rungeKuttaCalls(run, table);
  const rest = begin.length > 0 ? table.slice(rungeKuttaSteps) : table;
  return { startScale: 1, memories: 5, calls: [...begin, ...multistepCalls(run, rest, begin)] };
};

interface Run {
  config: SchedulerConfig;
  schedule: NoiseSchedule;
  stride: number;
  skip: number;
}

/** Four calls for each of the first steps. */
function rungeKuttaCalls(run: Run, table: readonly number[]): SamplerCall[] {
  if (table.length <= rungeKuttaSteps) {
    throw new RangeError(
      `Cannot sample in ${table.length} steps: PNDM with Runge-Kutta steps needs more than ${rungeKuttaSteps}; take more steps, or set skip_prk_steps`,
    );
  }
  const half = Math.floor(run.stride / 2);
  return table.slice(0, rungeKuttaSteps).flatMap((start, step) => {
    const [middle, end] = [start - half, start - run.stride];
    const kept = [last, secondLast, thirdLast, origin];
    const move = (from: Combination, along: Combination, to: number): Combination =>
      transfer(run, { from, prediction: along, timestep: start, to });
    const call = (timestep: number, ...next: readonly Combination[]): SamplerCall => ({
      ...callAt(run, timestep, step),
      next,
    });
    const share = (weight: number): Combination => combine([1, sum], [weight, prediction]);
    const begin = [prediction, last, secondLast, latents, combine([1 / 6, prediction])];
    return [
      call(start, move(latents, prediction, middle), ...begin),
      call(middle, move(origin, prediction, middle), ...kept, share(1 / 3)),
      call(middle, move(origin, prediction, end), ...kept, share(1 / 3)),
      call(end, move(origin, share(1 / 6), end), ...kept, sum),
    ];
  });
}

/** One call for each step; the second step is done twice where no predictions are known before. */
function multistepCalls(
  run: Run,
  table: readonly number[],
  before: readonly SamplerCall[],
): SamplerCall[] {
  const cold = before.length === 0;
  const done = before.length / 4;
  const calls: SamplerCall[] = [];
  for (const [index, timestep] of table.entries()) {
    const at = callAt(run, timestep, done + index);
    const memory = [prediction, last, secondLast, latents, sum];
    const known = cold ? index : rungeKuttaSteps;
    if (cold && index === 1) {
      const mean = combine([1 / 2, prediction], [1 / 2, last]);
      const again = { from: origin, prediction: mean, to: timestep };
      const next = transfer(run, { ...again, timestep: timestep + run.stride });
      calls.push({ ...at, step: at.step - 1, next: [next, ...terms.memory] });
    }
    const to = timestep - run.stride;
    const next = transfer(run, { from: latents, prediction: extrapolated(known), timestep, to });
    calls.push({ ...at, next: [next, ...memory] });
  }
  return calls;
}

/** Adams-Bashforth, of the order that the number of earlier predictions allows. Eq. 12. */
function extrapolated(known: number): Combination {
  switch (known) {
    case 0:
      return prediction;
    case 1:
      return combine([3 / 2, prediction], [-1 / 2, last]);
    case 2:
      return combine([23 / 12, prediction], [-16 / 12, last], [5 / 12, secondLast]);
    default:
      return combine(
        [55 / 24, prediction],
        [-59 / 24, last],
        [37 / 24, secondLast],
        [-9 / 24, thirdLast],
      );
  }
}

function callAt(
  { schedule, skip }: Run,
  timestep: number,
  step: number,
): Omit<SamplerCall, "next"> {
  return { step: skip + step, timestep, level: levelAt(schedule, timestep), inputScale: 1 };
}

interface Transfer {
  from: Combination;
  prediction: Combination;
  timestep: number;
  to: number;
}

/** Moves latents to another timestep along a prediction. Eq. 11. */
function transfer({ config, schedule }: Run, { from, prediction, timestep, to }: Transfer) {
  const finalAlpha = config.set_alpha_to_one ? 1 : alphaAt(schedule, 0);
  const alpha = alphaAt(schedule, timestep);
  const next = to >= 0 ? alphaAt(schedule, to) : finalAlpha;
  const noise =
    config.prediction_type === "v_prediction"
      ? combine([Math.sqrt(alpha), prediction], [Math.sqrt(1 - alpha), from])
      : prediction;
  const divisor = alpha * Math.sqrt(1 - next) + Math.sqrt(alpha * (1 - alpha) * next);
  return combine([Math.sqrt(next / alpha), from], [-(next - alpha) / divisor, noise]);
}
