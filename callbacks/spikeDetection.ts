import {
  isBetter,
  modeOption,
  readOptions,
  writeReport,
  type Callback,
  type MonitorMode,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface SpikeDetectionOptions {
  mode: MonitorMode;
  window: number;
  warmup: number;
  atol: number | null;
  rtol: number | null;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    mode: modeOption,
    window: {
      type: "integer",
      minimum: 1,
      default: 10,
      description: "Steps whose mean loss a step's is compared with.",
    },
    warmup: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "First steps, which are not looked at.",
    },
    atol: {
      type: ["number", "null"],
      minimum: 0,
      default: null,
      description: "Least difference from the mean that is a spike; null: any.",
    },
    rtol: {
      type: ["number", "null"],
      minimum: 0,
      default: 2,
      description: "The same as a share of the mean.",
    },
  },
};

/** Epoch and index of a batch. */
type Place = number[];

/**
 * Ends the fit with an error when the loss jumps: when it is worse than at the step before and as far
 * from the mean of the last steps as `atol` and `rtol` say. The batches of the two last steps, one of
 * which may be the cause, are written to `spike.json` beside the checkpoints' folder. A fit that is
 * resumed as it was meets the same spike.
 *
 * Source: the rule of Lightning's `SpikeDetection`. A loss that is not finite is `trainer.onNonFinite`'s affair.
 */
export function spikeDetection(options: Partial<SpikeDetectionOptions> = {}): Callback {
  const settings = readOptions<SpikeDetectionOptions>("spikeDetection", optionsSchema, options);
  /** Of the last steps, the latest last. */
  let losses: number[] = [];
  /** Of the running step and the one before. */
  let batches: Place[] = [];
  let stepBatches: Place[] = [];

  function check(state: TrainerState): void {
    const { loss, step } = state;
    if (step > settings.warmup && losses.length > 0 && isSpike(loss, losses, settings)) {
      const places = [...batches, ...stepBatches].map(([epoch, index]) => ({ epoch, index }));
      const file = writeReport(state, "spike.json", { step, loss, batches: places });
      const where = file === undefined ? "" : `, which are in ${file}`;
      throw new RangeError(
        `expected a loss near ${meanOf(losses)} at step ${step}, got ${loss}; lower the learning rate, clip gradients, or leave out batches of the last two steps${where}`,
      );
    }
    if (Number.isFinite(loss)) losses = [...losses, loss].slice(-settings.window);
  }

  return {
    name: "spikeDetection",
    kind: "monitor",
    stateKey: "spikeDetection",
    onTrainBatchEnd(state) {
      stepBatches.push([state.epoch, state.batchIndex]);
      if (!state.stepFinished) return;
      check(state);
      [batches, stepBatches] = [stepBatches, []];
    },
    teardown() {
      [losses, batches, stepBatches] = [[], [], []];
    },
    stateDict: () => ({ losses: [...losses], batches: batches.map((place) => [...place]) }),
    loadStateDict(state) {
      losses = listOf(state["losses"]).map(Number);
      batches = listOf(state["batches"]).map((place) => listOf(place).map(Number));
    },
  };
}

function isSpike(
  loss: number,
  losses: readonly number[],
  { mode, atol, rtol }: SpikeDetectionOptions,
): boolean {
  if (!isBetter(mode, losses.at(-1)!, loss)) return false;
  const mean = meanOf(losses);
  const distance = Math.abs(loss - mean);
  return distance >= (atol ?? 0) && distance >= (rtol ?? 0) * Math.abs(mean);
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
