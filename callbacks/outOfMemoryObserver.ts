import os from "node:os";

import * as tf from "@tensorflow/tfjs";
import {
  isOutOfMemory,
  readOptions,
  sizeOf,
  writeReport,
  type Callback,
  type HostBatch,
  type OptionsSchema,
  type TrainerState,
} from "seedbed";

export interface OutOfMemoryObserverOptions {
  batches: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    batches: {
      type: "integer",
      minimum: 1,
      default: 100,
      description: "Last batches of which the report says what memory there was.",
    },
  },
};

/** What the numbers are read from, in bytes. */
export interface MemoryReadings {
  process(): Readonly<Record<"rss" | "heapUsed" | "external" | "arrayBuffers", number>>;
  /** Most that the process ever held. */
  peak(): number;
  system(): { readonly total: number; readonly free: number };
}

const thisMachine: MemoryReadings = {
  process: process.memoryUsage,
  peak: () => process.resourceUsage().maxRSS * 1024,
  system: () => ({ total: os.totalmem(), free: os.freemem() }),
};

/** Variables that the report names. */
const largestCount = 10;

/**
 * When memory runs out, writes down what it was used for, as `out-of-memory.json` beside the
 * checkpoints' folder: of the process and the system; of parameters, other state and moments, with
 * the largest by name; the shapes of the batch; and, of the last batches, memory and tensors, where
 * a number that only grows is a leak. It cannot see it when the system kills the process, or when
 * V8's heap is full, as then no code runs any more.
 *
 * Source: Composer's `OOMObserver`.
 */
export function outOfMemoryObserver(
  options: Partial<OutOfMemoryObserverOptions> = {},
  machine: MemoryReadings = thisMachine,
): Callback {
  const { batches } = readOptions<OutOfMemoryObserverOptions>(
    "outOfMemoryObserver",
    optionsSchema,
    options,
  );
  let history: object[] = [];
  let shapes: Record<string, readonly number[]> = {};
  /** At the last batch; by the time of the exception it is over. */
  let stage: TrainerState["stage"] = "idle";

  const look = (state: TrainerState, batch: HostBatch): void => {
    shapes = Object.fromEntries(Object.entries(batch).map(([name, { shape }]) => [name, shape]));
    stage = state.stage;
    const { step, epoch, batchIndex, batchSize } = state;
    const { numTensors: tensors } = tf.memory();
    const processMb = megabytes(machine.process().rss);
    const entry = { stage, step, epoch, batchIndex, batchSize, processMb, tensors };
    history = [...history, entry].slice(-batches);
  };

  return {
    name: "outOfMemoryObserver",
    onTrainBatchStart: (state, { batch }) => look(state, batch),
    onValidationBatchStart: (state, { batch }) => look(state, batch),
    onTestBatchStart: (state, { batch }) => look(state, batch),
    onPredictBatchStart: (state, { batch }) => look(state, batch),
    onException(state, error) {
      if (!isOutOfMemory(error)) return;
      const { task, step, batchSize } = state;
      const report = {
        error: String(error),
        ...{ task, stage, step },
        memory: memoryOf(machine),
        variables: variablesOf(state),
        batch: { batchSize, shapes },
        batches: history,
      };
      const file = writeReport(state, "out-of-memory.json", report);
      const where = file === undefined ? "" : `, more is in ${file}`;
      const { processMb, systemMb } = report.memory;
      state.print(
        `outOfMemoryObserver: memory ran out in stage ${stage} after step ${step}, at a batch of ${batchSize}; the process holds ${processMb["rss"]} of ${systemMb.total} MB${where}; findBatchSize() finds a batch that fits`,
      );
    },
    teardown() {
      [history, shapes] = [[], {}];
    },
  };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;

function memoryOf(machine: MemoryReadings): {
  processMb: Record<string, number>;
  systemMb: { total: number; free: number };
  tensors: { count: number; megabytes: number };
} {
  const { total, free } = machine.system();
  const used = Object.entries({ ...machine.process(), peak: machine.peak() });
  const { numTensors, numBytes } = tf.memory();
  return {
    processMb: Object.fromEntries(used.map(([name, bytes]) => [name, megabytes(bytes)])),
    systemMb: { total: megabytes(total), free: megabytes(free) },
    tensors: { count: numTensors, megabytes: megabytes(numBytes) },
  };
}

function variablesOf({ module, optimizers }: TrainerState): object {
  const kinds: Record<string, ReadonlyMap<string, tf.Variable>> = {
    parameters: module.trainableParameters(),
    otherState: module.otherState?.() ?? new Map(),
  };
  for (const { name, optimizer } of optimizers) kinds[`moments of ${name}`] = optimizer.state();
  const all = Object.entries(kinds).flatMap(([kind, variables]) =>
    [...variables].map(([name, { shape }]) => ({
      kind,
      name,
      shape,
      megabytes: megabytes(4 * sizeOf(shape)),
    })),
  );
  const sums = Object.keys(kinds).map((kind) => {
    const own = all.filter((each) => each.kind === kind);
    return [kind, megabytes(own.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0))] as const;
  });
  const largest = all.toSorted((a, b) => sizeOf(b.shape) - sizeOf(a.shape)).slice(0, largestCount);
  return { megabytes: Object.fromEntries(sums), largest };
}
