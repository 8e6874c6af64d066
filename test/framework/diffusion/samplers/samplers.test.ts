import { expect } from "chai";
import { describe, it } from "mocha";

import type { NoiseLevel } from "../../../../framework/diffusion/forwardProcess.ts";
import { planSampling } from "../../../../framework/diffusion/samplers/planSampling.ts";
import {
  latentsLevel,
  pointFactors,
  type PlanOptions,
  type SamplerCall,
} from "../../../../framework/diffusion/samplers/samplerPlan.ts";
import {
  schedulerClassNames,
  type SchedulerClass,
} from "../../../../framework/diffusion/schedulerClasses.ts";
import {
  readSchedulerConfig,
  stableDiffusionSchedule,
  type PredictionType,
  type SchedulerConfig,
} from "../../../../framework/diffusion/schedulerConfig.ts";

function configOf(_class_name: SchedulerClass, options: object = {}): SchedulerConfig {
  const common = { ...stableDiffusionSchedule, set_alpha_to_one: true, skip_prk_steps: true };
  return readSchedulerConfig({ ...common, _class_name, ...options });
}

/** A network that is right: the clean sample that it means, by what it sees. */
type Denoise = (seen: number, level: NoiseLevel<number>) => number;

/** What it says to be right. */
function predictionOf(
  type: PredictionType,
  seen: number,
  clean: number,
  { signalScale, noiseScale }: NoiseLevel<number>,
): number {
  const noise = (seen - signalScale * clean) / noiseScale;
  if (type === "epsilon") return noise;
  return type === "sample" ? clean : signalScale * noise - noiseScale * clean;
}

/** One call on a latent of one number. */
function advance(
  { prediction_type: type }: SchedulerConfig,
  call: SamplerCall,
  state: readonly number[],
  fresh: number,
  denoise: Denoise,
): number[] {
  const latents = state[0]!;
  const seen = latents * call.inputScale;
  const prediction = predictionOf(type, seen, denoise(seen, call.level), call.level);
  const [fromLatents, fromPrediction] = pointFactors(type, call).sample;
  const sample = fromLatents * latents + fromPrediction * prediction;
  const terms = [...state, prediction, sample, fresh];
  return call.next.map((row) => row.reduce((sum, factor, i) => sum + factor * terms[i]!, 0));
}

/** Where a run ends that starts with an image and noise of the first call's level. */
function land(
  config: SchedulerConfig,
  options: Pick<PlanOptions, "steps"> & Partial<PlanOptions>,
  { image, noise, denoise }: { image: number; noise: number; denoise: Denoise },
): number {
  const plan = planSampling(config, options);
  const { signalScale, noiseScale } = latentsLevel(plan.calls[0]!);
  const start = signalScale * image + noiseScale * noise;
  let state = [start, ...new Array<number>(plan.memories).fill(0)];
  for (const [i, call] of plan.calls.entries()) {
    state = advance(config, call, state, Math.sin(i), denoise);
  }
  return state[0]!;
}

describe("samplers", () => {
  /** The published PNDM goes by equal strides, which linspace spacing does not have. */
  const pndm = { name: "PNDMScheduler", without: ["linspace"] } as const;
  const variants: readonly {
    name: SchedulerClass;
    options?: object;
    eta?: number;
    without?: readonly string[];
  }[] = [
    ...schedulerClassNames.filter((name) => name !== pndm.name).map((name) => ({ name })),
    pndm,
    { name: "DDIMScheduler", eta: 1 },
    { ...pndm, options: { skip_prk_steps: false } },
    { name: "EulerDiscreteScheduler", options: { use_karras_sigmas: true } },
    { name: "EulerDiscreteScheduler", options: { use_exponential_sigmas: true } },
    { name: "EulerDiscreteScheduler", options: { interpolation_type: "log_linear" } },
    { name: "HeunDiscreteScheduler", options: { use_karras_sigmas: true } },
    { name: "LMSDiscreteScheduler", options: { use_karras_sigmas: true } },
    ...[{ solver_order: 1 }, { solver_order: 3 }, { solver_type: "heun" }].flatMap((options) => [
      { name: "DPMSolverMultistepScheduler" as const, options },
      { name: "UniPCMultistepScheduler" as const, options },
    ]),
    ...["sde-dpmsolver++"].flatMap((algorithm_type) =>
      [{ solver_order: 1 }, { solver_type: "midpoint" }, { solver_type: "heun" }].map(
        (options) => ({
          name: "DPMSolverMultistepScheduler" as const,
          options: { algorithm_type, ...options },
        }),
      ),
    ),
    { name: "DPMSolverMultistepScheduler", options: { use_lu_lambdas: true } },
    {
      name: "DPMSolverMultistepScheduler",
      options: { lambda_min_clipped: -2 },
      without: ["trailing"],
    },
    { name: "DPMSolverMultistepScheduler", options: { lower_order_final: false } },
    { name: "UniPCMultistepScheduler", options: { solver_type: "bh1" } },
    { name: "UniPCMultistepScheduler", options: { disable_corrector: [0, 3] } },
  ];

  for (const { name, options = {}, eta = 0, without = [] } of variants) {
    const what = eta > 0 ? { eta } : options;
    const types: PredictionType[] =
      name === "PNDMScheduler" ? ["epsilon"] : ["epsilon", "v_prediction", "sample"];
    it(`end at the only image that the network knows: ${name} ${JSON.stringify(what)}`, () => {
      for (const prediction_type of types) {
        for (const timestep_spacing of ["leading", "linspace", "trailing"]) {
          if (without.includes(timestep_spacing)) continue;
          const config = configOf(name, { ...options, prediction_type, timestep_spacing });
          for (const skip of [0, 3]) {
            const run = { image: 0.3, noise: -1.2, denoise: () => 0.3 };
            const end = land(config, { steps: 10, skip, eta }, run);
            const which = `${prediction_type}, ${timestep_spacing}, skipping ${skip}`;
            expect(end, which).to.be.closeTo(0.3, name === "LCMScheduler" ? 1e-3 : 1e-9);
          }
        }
      }
    });
  }
});

describe("samplers of normally distributed data", () => {
  const deviation = 0.5;
  /** Mean of the clean sample given the noisy one: linear, so that a run is as well. */
  const posteriorMean: Denoise = (seen, { signalScale, noiseScale }) =>
    (deviation ** 2 * signalScale * seen) / ((deviation * signalScale) ** 2 + noiseScale ** 2);

  /** Standard deviation of what a run makes; exact, from the run's covariances. */
  function endDeviation(
    config: SchedulerConfig,
    options: Pick<PlanOptions, "steps"> & Partial<PlanOptions>,
  ): number {
    const { calls, memories } = planSampling(config, options);
    const rows = Array.from({ length: 1 + memories }, (_, i) => i);
    const { signalScale, noiseScale } = latentsLevel(calls[0]!);
    const start = (deviation * signalScale) ** 2 + noiseScale ** 2;
    let covariance = rows.map((i) => rows.map((j) => (i + j === 0 ? start : 0)));
    for (const call of calls) {
      const answer = (state: number[], fresh: number): number[] =>
        advance(config, call, state, fresh, posteriorMean);
      const columns = rows.map((j) =>
        answer(
          rows.map((i) => Number(i === j)),
          0,
        ),
      );
      const fresh = answer(
        rows.map(() => 0),
        1,
      );
      const before = covariance;
      covariance = rows.map((i) =>
        rows.map((j) =>
          rows.reduce(
            (sum, k) =>
              sum +
              rows.reduce(
                (part, l) => part + columns[k]![i]! * before[k]![l]! * columns[l]![j]!,
                0,
              ),
            fresh[i]! * fresh[j]!,
          ),
        ),
      );
    }
    return Math.sqrt(covariance[0]![0]!);
  }

  const dpm = "DPMSolverMultistepScheduler";
  const cases: readonly {
    name: SchedulerClass;
    options?: object;
    eta?: number;
    steps: number;
    within: number;
  }[] = [
    { name: "DDIMScheduler", steps: 500, within: 0.005 },
    { name: "DDIMScheduler", eta: 1, steps: 500, within: 0.01 },
    { name: "DDPMScheduler", steps: 500, within: 0.01 },
    { name: "EulerDiscreteScheduler", steps: 500, within: 0.01 },
    { name: "EulerAncestralDiscreteScheduler", steps: 500, within: 0.02 },
    { name: "PNDMScheduler", steps: 50, within: 0.005 },
    { name: "PNDMScheduler", options: { skip_prk_steps: false }, steps: 50, within: 0.005 },
    { name: "HeunDiscreteScheduler", steps: 50, within: 0.005 },
    { name: "LMSDiscreteScheduler", steps: 50, within: 0.005 },
    { name: dpm, options: { solver_order: 2 }, steps: 50, within: 0.005 },
    { name: dpm, options: { solver_order: 2, solver_type: "heun" }, steps: 50, within: 0.005 },
    { name: dpm, options: { solver_order: 3 }, steps: 50, within: 0.005 },
    { name: dpm, options: { algorithm_type: "sde-dpmsolver++" }, steps: 100, within: 0.01 },
    {
      name: dpm,
      options: { algorithm_type: "sde-dpmsolver++", solver_type: "heun" },
      steps: 100,
      within: 0.01,
    },
    {
      name: dpm,
      options: { algorithm_type: "sde-dpmsolver", final_sigmas_type: "sigma_min" },
      steps: 100,
      within: 0.01,
    },
    {
      name: dpm,
      options: { algorithm_type: "dpmsolver", final_sigmas_type: "sigma_min", solver_order: 3 },
      steps: 50,
      within: 0.005,
    },
    { name: "UniPCMultistepScheduler", steps: 50, within: 0.005 },
    { name: "UniPCMultistepScheduler", options: { solver_order: 3 }, steps: 50, within: 0.005 },
    {
      name: "UniPCMultistepScheduler",
      options: { predict_x0: false, final_sigmas_type: "sigma_min" },
      steps: 50,
      within: 0.005,
    },
  ];
  for (const { name, options = {}, eta = 0, steps, within } of cases) {
    const what = JSON.stringify(eta > 0 ? { eta } : options);
    it(`keep its deviation in ${steps} steps of ${name} ${what}`, () => {
      const config = configOf(name, { use_karras_sigmas: true, ...options });
      expect(endDeviation(config, { steps, eta })).to.be.closeTo(deviation, within);
    });
  }

  it("come closer with a higher order", () => {
    const errorOf = (name: SchedulerClass, options: object): number =>
      Math.abs(endDeviation(configOf(name, options), { steps: 25 }) - deviation);
    const orders = [1, 2, 3].map((solver_order) =>
      errorOf("UniPCMultistepScheduler", { solver_order, use_karras_sigmas: true }),
    );
    expect(orders[1]).to.be.below(orders[0]! / 4);
    expect(orders[2]).to.be.below(orders[0]! / 4);
  });
});

describe("planSampling()", () => {
  it("refuses PNDM where the model has pure noise", () => {
    const config = configOf("PNDMScheduler", {
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
      skip_prk_steps: true,
    });
    expect(() => planSampling(config, { steps: 10 })).to.throw(
      RangeError,
      "Cannot sample with PNDMScheduler: it divides by zero at timestep 999",
    );
  });

  for (const name of schedulerClassNames) {
    it(`refuses absurd numbers of steps for ${name}`, () => {
      for (const steps of [0, -1, 2.5, NaN, Infinity, 1001]) {
        expect(() => planSampling(configOf(name), { steps })).to.throw(
          RangeError,
          /^Cannot sample: steps must be an integer from 1 to \d+.*, got /,
        );
      }
    });

    it(`takes a single step with ${name}`, () => {
      const plan = planSampling(configOf(name), { steps: 1 });
      expect(plan.calls).to.have.length(1);
      expect(plan.calls[0]!.next.flat().every(Number.isFinite)).to.equal(true);
    });
  }

  const visited = [
    { name: "EulerDiscreteScheduler", timesteps: [999, 749.25, 499.5, 249.75, 0] },
    { name: "DPMSolverMultistepScheduler", timesteps: [999, 799, 599, 400, 200] },
    { name: "LCMScheduler", timesteps: [999, 799, 599, 399, 199] },
  ] as const;
  for (const { name, timesteps } of visited) {
    it(`visits timesteps ${timesteps.join(", ")} with ${name}`, () => {
      const config = configOf(name, { timestep_spacing: "linspace" });
      const { calls } = planSampling(config, { steps: 5 });
      expect(calls.map(({ timestep }) => timestep)).to.deep.equal(timesteps);
    });
  }

  it("refuses to skip all steps, and PNDM's Runge-Kutta steps of a short run", () => {
    const config = configOf("PNDMScheduler", { skip_prk_steps: false });
    expect(() => planSampling(config, { steps: 3 })).to.throw(RangeError, "more than 3");
    for (const skip of [-1, 0.5, 5]) {
      expect(() => planSampling(configOf("LMSDiscreteScheduler"), { steps: 5, skip })).to.throw(
        RangeError,
        "skip an integer from 0 to 4 of 5 steps",
      );
    }
  });
});
