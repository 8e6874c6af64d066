import type { HostTensor } from "../base/hostTensor.ts";
import type { JsonObject } from "../base/json.ts";
import { packageVersions } from "../tracking/packageVersions.ts";
import type { CheckpointTensors } from "./checkpoint.ts";
import type { CheckpointContent, Progress } from "./checkpointContent.ts";
import { formatVersion } from "./checkpointMigrations.ts";
import type { FitState } from "./fitState.ts";
import { gatherState } from "./gatherState.ts";
import type { OptimizerShares } from "./optimizerShares.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { savedVariables, type SavedVariables } from "./savedVariables.ts";
import type { NamedVariables } from "./trainingModule.ts";
import { openVariables, readVariables } from "./variables.ts";

type Tensors = ReadonlyMap<string, HostTensor>;

/** How values come out of a model: each group has tensors of different names. */
export interface ValueReader {
  readVariables(group: string, variables: NamedVariables): Promise<Tensors>;
  /** Of values that are on the host already. */
  readTensors(group: string, tensors: Tensors): Tensors;
  /** For values that change before they are written; left out where this one will do. */
  readonly copying?: ValueReader;
}

/** Copies of their own. */
const copyingReader: ValueReader = {
  readVariables: (_group, variables) => readVariables(variables),
  readTensors: (_group, tensors) => tensors,
};

/** No copies: what is read must be written before training goes on. */
export const openingReader: ValueReader = {
  readVariables: async (_group, variables) => openVariables(variables),
  readTensors: (_group, tensors) => tensors,
  copying: copyingReader,
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
    const { rollBacks, accumulateGradBatchesNow } = this.#state;
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
      ...(accumulateGradBatchesNow !== undefined && { accumulateGradBatchesNow }),
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
      ...(rollBacks && { rollBacks: rollBacks.state() }),
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

  get variables(): SavedVariables {
    return savedVariables(this.#state, this.#state.settings.callbacks);
  }

  /** Where workers divide the optimizer's state among them. */
  get shares(): OptimizerShares | undefined {
    return this.#slots[0]?.shares;
  }

  /** Of all tensors, with those of the optimizer's state that other workers keep. */
  get sizes(): Readonly<Record<string, ReadonlyMap<string, { readonly size: number }>>> {
    const { variables, shares } = this;
    return { ...variables, optimizer: shares?.state ?? variables.optimizer };
  }

  /**
   * The optimizer's state. Where it is divided all workers must call this at once; only rank 0 is
   * given tensors then.
   */
  async optimizerState(reader: ValueReader): Promise<Tensors> {
    const { shares } = this;
    if (!shares) return reader.readVariables("optimizer", this.variables.optimizer);
    const tensors = new Map<string, HostTensor>();
    await gatherState(shares, (some) => {
      for (const [name, tensor] of reader.readTensors("optimizer", some)) tensors.set(name, tensor);
    });
    return tensors;
  }

  /** All tensors. */
  async tensors(reader: ValueReader, optimizer: Tensors): Promise<CheckpointTensors> {
    const { parameters, otherState, callbacks } = this.variables;
    return {
      parameters: await reader.readVariables("parameters", parameters),
      optimizer,
      otherState: await this.#readOtherState(reader, "otherState", otherState),
      callbacks: await reader.readVariables("callbacks", callbacks),
    };
  }

  /** The weights to publish, averaged ones if something averages. */
  async exportWeights(given: ValueReader): Promise<Partial<CheckpointTensors>> {
    const { copying: reader = given } = given; // variables have other values afterwards
    return this.#state.withExportWeights(async () => {
      const { parameters, otherState } = this.variables;
      return {
        parameters: await reader.readVariables("weights/parameters", parameters),
        otherState: await this.#readOtherState(reader, "weights/otherState", otherState),
      };
    });
  }

  /** Belongs to the counters that are saved with it. */
  async #readOtherState(
    reader: ValueReader,
    group: string,
    otherState: NamedVariables,
  ): Promise<Tensors> {
    const { progress, settledOtherState } = this.#state;
    if (progress.settled && settledOtherState) return reader.readTensors(group, settledOtherState);
    return reader.readVariables(group, otherState);
  }
}
