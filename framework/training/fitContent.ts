import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import type { JsonObject } from "../base/json.ts";
import { packageVersions } from "../tracking/packageVersions.ts";
import type { CheckpointTensors } from "./checkpoint.ts";
import type { CheckpointContent, Progress } from "./checkpointContent.ts";
import { formatVersion } from "./checkpointMigrations.ts";
import type { FitState } from "./fitState.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { readVariables } from "./variables.ts";

export const noVariables: ReadonlyMap<string, tf.Variable> = new Map();

type Tensors = ReadonlyMap<string, HostTensor>;

/** How values come out of a model: each group has tensors of different names. */
export interface ValueReader {
  readVariables(group: string, variables: ReadonlyMap<string, tf.Variable>): Promise<Tensors>;
  /** Of values that are on the host already. */
  readTensors(group: string, tensors: Tensors): Tensors;
}

/** Copies of their own. */
export const copyingReader: ValueReader = {
  readVariables: (_group, variables) => readVariables(variables),
  readTensors: (_group, tensors) => tensors,
};

/** All of a fit that goes into a checkpoint. */
export class FitContent {
  readonly versions: Readonly<Record<string, string>> = packageVersions();
  readonly #state: FitState;
  readonly #slots: readonly OptimizerSlot[];

  constructor(state: FitState, slots: readonly OptimizerSlot[]) {
    this.#state = state;
    this.#slots = slots;
  }

  /** What is no tensor. */
  content(progress: Progress): CheckpointContent {
    const { settings, shouldStop, metricLog, trainLog, dataModule, lossScaling, worldSize } =
      this.#state;
    const dataState = dataModule?.stateDict?.();
    const callbacks: Record<string, JsonObject> = {};
    for (const callback of settings.callbacks) {
      if (callback.stateKey === undefined) continue;
      callbacks[callback.stateKey] = callback.stateDict?.() ?? {};
    }
    return {
      formatVersion,
      progress: { ...progress },
      shouldStop,
      seed: settings.seed,
      accumulateGradBatches: settings.accumulateGradBatches,
      batchesPerEpoch: this.batchesPerEpoch,
      ...(worldSize > 1 && { workers: worldSize }),
      specHash: settings.specHash ?? null,
      ...(settings.spec && { spec: settings.spec }),
      versions: this.versions,
      optimizer: {
        name: this.#slots.map(({ name }) => name).join(", "),
        learningRate: this.#slots[0]!.learningRate,
      },
      lrSchedules: this.#slots.map((slot) => slot.state()),
      precision: settings.precision,
      ...(lossScaling && { lossScale: lossScaling.state() }),
      metrics: metricLog.state(),
      epochLog: trainLog.state(),
      ...(dataState && { dataModule: dataState }),
      callbacks,
      extra: {},
    };
  }

  /** 0 while an epoch's length is not known. */
  get batchesPerEpoch(): number {
    const { batchesPerEpoch } = this.#state;
    return Number.isFinite(batchesPerEpoch) ? batchesPerEpoch : 0;
  }

  get parameters(): ReadonlyMap<string, tf.Variable> {
    return this.#state.module.trainableParameters();
  }

  get otherState(): ReadonlyMap<string, tf.Variable> {
    return this.#state.module.otherState?.() ?? noVariables;
  }

  /** Of a single optimizer as it is; of several, below their names. */
  get optimizerState(): ReadonlyMap<string, tf.Variable> {
    const [only, ...others] = this.#slots;
    if (others.length === 0) return only!.optimizer.state();
    return new Map(
      this.#slots.flatMap(({ name, optimizer }) =>
        [...optimizer.state()].map(([key, variable]) => [`${name}/${key}`, variable] as const),
      ),
    );
  }

  get callbackState(): ReadonlyMap<string, tf.Variable> {
    const variables = new Map<string, tf.Variable>();
    for (const callback of this.#state.settings.callbacks) {
      const { stateKey } = callback;
      if (stateKey === undefined) continue;
      for (const [name, variable] of callback.stateVariables?.() ?? noVariables) {
        variables.set(`${stateKey}/${name}`, variable);
      }
    }
    return variables;
  }

  /** All tensors. */
  async tensors(reader: ValueReader): Promise<CheckpointTensors> {
    return {
      parameters: await reader.readVariables("parameters", this.parameters),
      optimizer: await reader.readVariables("optimizer", this.optimizerState),
      otherState: await this.#readOtherState(reader, "otherState"),
      callbacks: await reader.readVariables("callbacks", this.callbackState),
    };
  }

  /** The weights to publish, averaged ones if something averages. */
  async exportWeights(reader: ValueReader): Promise<Partial<CheckpointTensors>> {
    return this.#state.withExportWeights(async () => ({
      parameters: await reader.readVariables("weights/parameters", this.parameters),
      otherState: await this.#readOtherState(reader, "weights/otherState"),
    }));
  }

  /** Belongs to the counters that are saved with it. */
  async #readOtherState(reader: ValueReader, group: string): Promise<Tensors> {
    const { progress, settledOtherState } = this.#state;
    if (progress.settled && settledOtherState) return reader.readTensors(group, settledOtherState);
    return reader.readVariables(group, this.otherState);
  }
}
