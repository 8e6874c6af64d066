import {
  readOptions,
  searchBatchSize,
  writeReport,
  type Callback,
  type FoundBatchSize,
  type MeasuredMachine,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface BatchSizeFinderOptions {
  mode: "power" | "binsearch";
  initialBatchSize: number;
  maxBatchSize: number | null;
  stepsPerTrial: number;
  margin: number;
  maxMemoryMb: number | null;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    mode: {
      enum: ["power", "binsearch"],
      default: "power",
      description: "Double the size while it fits; `binsearch` then looks between the last two.",
    },
    initialBatchSize: {
      type: "integer",
      minimum: 1,
      default: 2,
      description: "Size that is tried first.",
    },
    maxBatchSize: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "Largest size that is tried; null: as many examples as an epoch has.",
    },
    stepsPerTrial: {
      type: "integer",
      minimum: 2,
      default: 3,
      description: "Optimizer steps that each size is tried for.",
    },
    margin: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.05,
      description: "With `binsearch`: share of the size found that is given up to be safe.",
    },
    maxMemoryMb: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      default: null,
      description: "Most memory the process may hold; null: 0.8 of the machine's.",
    },
  },
};

/**
 * Looks, before the first step of a fit, for the largest batch that the machine has the memory for,
 * by training on trial with the loader's examples, and puts everything back. It says what it found,
 * and in `batch-size-finder.json` beside the checkpoints' folder what each size took, and changes
 * nothing: what fits depends on the machine, and must not decide what a spec trains on. A resumed
 * fit does not search. Left out under `fastDevRun`.
 */
export function batchSizeFinder(
  options: Partial<BatchSizeFinderOptions> = {},
  machine?: MeasuredMachine,
): Callback {
  const settings = readOptions<BatchSizeFinderOptions>("batchSizeFinder", optionsSchema, options);
  return {
    name: "batchSizeFinder",
    kind: "tuner",
    async onFitStart(state) {
      if (state.step > 0) return;
      if (state.worldSize > 1) {
        throw new RangeError(
          `Cannot find a batch size on ${state.worldSize} workers: expected one, which measures itself alone`,
        );
      }
      const found = await search(state, settings, machine);
      const file = writeReport(state, "batch-size-finder.json", found);
      const where = file === undefined ? "" : `; what each took is in ${file}`;
      state.print(
        `batchSizeFinder: ${found.batchSize} examples fit in a batch, ${found.fastest} were fastest${where}; training goes on with the loader's batches: set the size in the spec`,
      );
    },
  };
}

async function search(
  state: TrainerState,
  { maxBatchSize, maxMemoryMb, ...settings }: BatchSizeFinderOptions,
  machine: MeasuredMachine | undefined,
): Promise<FoundBatchSize> {
  const wanted = {
    ...settings,
    maxBatchSize: maxBatchSize ?? (await examplesInEpoch(state)),
    ...(maxMemoryMb !== null && { maxMemoryMb }),
    ...(machine && { machine }),
  };
  const { accumulateGradBatches } = state;
  return searchBatchSize(wanted, (batchSize, measure) =>
    state.tryTraining(
      (step) => measure({ step, samplesPerStep: batchSize * accumulateGradBatches }),
      { batchSize },
    ),
  );
}

async function examplesInEpoch(state: TrainerState): Promise<number> {
  const [first] = Object.values(await state.exampleBatch());
  const examples = state.batchesPerEpoch * (first?.shape[0] ?? 1);
  if (Number.isFinite(examples)) return examples;
  throw new RangeError(
    "Cannot find a batch size: expected a loader of known length; or give maxBatchSize",
  );
}
