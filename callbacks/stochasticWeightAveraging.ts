import * as tf from "@tensorflow/tfjs";
import {
  exchangeVariables,
  readOptions,
  type Callback,
  type CompiledFunction,
  type NamedVariables,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface StochasticWeightAveragingOptions {
  swaLrs: number;
  swaEpochStart: number;
  annealingEpochs: number;
  annealingStrategy: "cos" | "linear";
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  required: ["swaLrs"],
  properties: {
    swaLrs: {
      type: "number",
      exclusiveMinimum: 0,
      description:
        "Learning rate while averaging, as a factor on the optimizer's, like a schedule's value.",
    },
    swaEpochStart: {
      anyOf: [
        { type: "integer", minimum: 0 },
        { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
      ],
      default: 0.8,
      description: "First epoch of the averaging, from 0; a fraction is a part of all epochs.",
    },
    annealingEpochs: {
      type: "integer",
      minimum: 0,
      default: 10,
      description: "Epochs in which the learning rate goes to `swaLrs`; 0: at once.",
    },
    annealingStrategy: {
      enum: ["cos", "linear"],
      default: "cos",
      description: "How it goes there.",
    },
  },
};

/**
 * The mean of the weights along the end of training, with a learning rate that stays high so that
 * they differ. From its first epoch on, the weights at the start of each epoch are averaged, which
 * leaves out those of the last; the average is in the model when the fit ends, or in a checkpoint's
 * callbacks. Validations and exports until then have the weights themselves.
 *
 * Running statistics in a module's `otherState`, as of batch normalisation, are then measured anew
 * with the average, by an epoch of training data. Other state stays that of the weights themselves.
 *
 * Source: Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1; the annealing is PyTorch's `SWALR`.
 */
export function stochasticWeightAveraging(
  options: Partial<StochasticWeightAveragingOptions>,
): Callback {
  const settings = readOptions<StochasticWeightAveragingOptions>(
    "stochasticWeightAveraging",
    optionsSchema,
    options,
  );
  const averages = new Map<string, tf.Variable>();
  let parameters: NamedVariables = new Map();
  let update: CompiledFunction<{ share: tf.Scalar }, tf.NamedTensorMap> | undefined;
  /** First epoch of the averaging. */
  let startEpoch = 0;
  /** Of each optimizer: its schedule's value when the averaging began. */
  let startFactors: Record<string, number> = {};
  /** Epochs whose first weights are in the average, and the last of them. */
  let averaged = 0;
  let lastEpoch = -1;
  let restored = false;
  /** Whether the model has the average, and `averages` what was trained. */
  let exchanged = false;

  function setup(state: TrainerState): void {
    if (state.task !== "fit") return;
    parameters = state.module.trainableParameters();
    for (const [name, { shape }] of parameters) {
      averages.set(
        name,
        tf.tidy(() => tf.variable(tf.zeros(shape), false)),
      );
    }
    update = state.compile(({ share }) => {
      for (const [name, average] of averages) {
        average.assign(average.add(parameters.get(name)!.sub(average).mul(share)));
      }
      return {};
    });
  }

  /** @param share of the present weights in the new average; 1 makes it a copy of them */
  async function average(share: number): Promise<void> {
    const scalar = tf.scalar(share);
    tf.dispose(await update?.({ share: scalar }));
    scalar.dispose();
  }

  function exchange(): void {
    exchangeVariables(averages, parameters);
    exchanged = !exchanged;
  }

  /** From the schedule's value at the start to `swaLrs`, epoch by epoch. */
  function changeLearningRate(state: TrainerState): void {
    const { swaLrs, annealingEpochs, annealingStrategy } = settings;
    state.changeLrFactor = (factor, optimizer) => {
      const before = (startFactors[optimizer] ??= factor);
      const passed = state.epoch - startEpoch;
      const part = annealingEpochs === 0 ? 1 : Math.min(1, passed / annealingEpochs);
      const share = annealingStrategy === "cos" ? (1 - Math.cos(Math.PI * part)) / 2 : part;
      return swaLrs * share + before * (1 - share);
    };
  }

  async function onEpoch(state: TrainerState): Promise<void> {
    const { epoch } = state;
    if (epoch < startEpoch || epoch <= lastEpoch) return;
    if (averaged === 0) changeLearningRate(state);
    averaged++;
    lastEpoch = epoch;
    await average(1 / averaged);
  }

  return {
    name: "stochasticWeightAveraging",
    stateKey: "stochasticWeightAveraging",
    setup,
    async onFitStart(state) {
      startEpoch = firstEpoch(settings.swaEpochStart, state);
      if (averaged > 0) changeLearningRate(state);
      if (!restored) await average(1);
    },
    onTrainEpochStart: onEpoch,
    async onFitEnd(state) {
      if (averaged === 0) return;
      exchange();
      await measureOtherState(state);
    },
    onException() {
      if (exchanged) exchange();
    },
    teardown() {
      update?.dispose();
      for (const variable of averages.values()) variable.dispose();
      averages.clear();
      [startFactors, averaged, lastEpoch, restored, exchanged] = [{}, 0, -1, false, false];
    },
    stateVariables: () => averages,
    stateDict: () => ({ startFactors: { ...startFactors }, averaged, lastEpoch }),
    loadStateDict(state) {
      const factors = Object.entries(state["startFactors"] ?? {});
      startFactors = Object.fromEntries(factors.map(([name, factor]) => [name, Number(factor)]));
      averaged = Number(state["averaged"]);
      lastEpoch = Number(state["lastEpoch"]);
      restored = true;
    },
  };
}

async function measureOtherState(state: TrainerState): Promise<void> {
  const measured = await state.measureStatistics();
  if (measured.length === 0) return;
  state.print(
    `stochasticWeightAveraging: measured ${measured.join(", ")} anew, with the average of the weights`,
  );
}

function firstEpoch(start: number, { estimatedEpochs }: TrainerState): number {
  if (Number.isInteger(start)) return start;
  if (Number.isFinite(estimatedEpochs)) return Math.floor(start * estimatedEpochs);
  throw new RangeError(
    `Cannot average from part ${start} of all epochs on: expected maxEpochs or maxSteps to limit them; or give swaEpochStart as an epoch`,
  );
}
