import * as tf from "@tensorflow/tfjs";
import {
  exchangeVariables,
  isDueEvery,
  readOptions,
  type Callback,
  type CompiledFunction,
  type NamedVariables,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface WeightAveragingOptions {
  decay: number;
  warmup: boolean;
  updateEveryNSteps: number;
  startStep: number;
  startEpoch: number;
  replaceAtEnd: boolean;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    decay: {
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0.999,
      description: "Share of the average that one update keeps.",
    },
    warmup: {
      type: "boolean",
      default: false,
      description: "Keep less at first: (1 + n) / (10 + n) after n updates, up to decay.",
    },
    updateEveryNSteps: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "Optimizer steps between two updates.",
    },
    startStep: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Step whose weights the average starts from; before it nothing is swapped.",
    },
    startEpoch: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Instead of startStep: epoch with whose first weights the average starts.",
    },
    replaceAtEnd: {
      type: "boolean",
      default: true,
      description: "Leave the average in the model when the fit ends.",
    },
  },
};

/**
 * Exponential moving average of the trainable weights. Validation and exports run with the
 * average; training and the checkpoints' `parameters` keep the weights themselves, the average
 * is beside them. A callback that samples with the average does so in `onValidationEpochEnd`.
 *
 * Source: Polyak & Juditsky 1992, in the exponential form that diffusion models use (Ho et al.
 * 2020, arXiv:2006.11239, appendix B).
 */
export function weightAveraging(options: Partial<WeightAveragingOptions> = {}): Callback {
  const { decay, warmup, updateEveryNSteps, startStep, startEpoch, replaceAtEnd } =
    readOptions<WeightAveragingOptions>("weightAveraging", optionsSchema, options);
  if (startStep > 0 && startEpoch > 0) {
    throw new RangeError(
      "Cannot build weightAveraging: expected startStep or startEpoch, got both",
    );
  }
  const averages = new Map<string, tf.Variable>();
  let parameters: NamedVariables = new Map();
  let update: CompiledFunction<{ decay: tf.Scalar }, tf.NamedTensorMap> | undefined;
  let updates = 0;
  let started = false;
  /** Step whose weights the average started from. */
  let startedAt = startStep;
  let restored = false;
  /** How many validations and exports, one inside the other, have the average in place. */
  let swaps = 0;

  function setup(state: TrainerState): void {
    if (state.task !== "fit") return;
    parameters = state.module.trainableParameters();
    for (const [name, { shape }] of parameters) {
      averages.set(
        name,
        tf.tidy(() => tf.variable(tf.zeros(shape), false)),
      );
    }
    update = state.compile(({ decay: kept }) => {
      for (const [name, average] of averages) {
        const parameter = parameters.get(name)!;
        average.assign(average.mul(kept).add(parameter.mul(tf.sub(1, kept))));
      }
      return {};
    });
  }

  /** @param keep share of the average that stays; 0 makes it a copy of the weights */
  async function average(keep: number): Promise<void> {
    const kept = tf.scalar(keep);
    tf.dispose(await update?.({ decay: kept }));
    kept.dispose();
  }

  async function start({ step }: TrainerState): Promise<void> {
    await average(0);
    [started, startedAt] = [true, step];
  }

  async function onStep(state: TrainerState): Promise<void> {
    const { step } = state;
    if (!started) {
      if (startEpoch === 0 && step >= startStep) await start(state);
    } else if (isDueEvery(updateEveryNSteps, state, startedAt)) {
      await average(warmup ? Math.min(decay, (1 + updates) / (10 + updates)) : decay);
      updates++;
    }
  }

  function swapIn(): void {
    if (!started) return;
    if (swaps++ === 0) exchange();
  }

  function swapOut(): void {
    if (swaps > 0 && --swaps === 0) exchange();
  }

  const exchange = (): void => exchangeVariables(averages, parameters);

  return {
    name: "weightAveraging",
    stateKey: "weightAveraging",
    setup,
    async onFitStart(state) {
      if (restored) return;
      await start(state);
      started = startStep === 0 && startEpoch === 0;
    },
    async onTrainEpochStart(state) {
      if (!started && startEpoch > 0 && state.epoch >= startEpoch) await start(state);
    },
    async onTrainBatchEnd(state) {
      if (state.stepFinished) await onStep(state);
    },
    onValidationStart: swapIn,
    onValidationEnd: swapOut,
    onExportStart: swapIn,
    onExportEnd: swapOut,
    onException() {
      swaps = Math.min(swaps, 1);
      swapOut();
    },
    onFitEnd() {
      if (replaceAtEnd && started) exchange();
    },
    teardown() {
      update?.dispose();
      for (const variable of averages.values()) variable.dispose();
      averages.clear();
      [updates, started, startedAt, restored, swaps] = [0, false, startStep, false, 0];
    },
    stateVariables: () => averages,
    stateDict: () => ({ updates, started, startedAt }),
    loadStateDict(state) {
      updates = Number(state["updates"]);
      started = state["started"] === true;
      startedAt = Number(state["startedAt"] ?? startStep);
      restored = true;
    },
  };
}
