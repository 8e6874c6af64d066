import path from "node:path";

import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import { forEachCallback } from "./callback.ts";
import {
  readCheckpoint,
  writeCheckpoint,
  type CheckpointContent,
  type CheckpointTensors,
  type JsonObject,
} from "./checkpoint.ts";
import { checkpointName, isInterruptedName, writePointer } from "./checkpointFolder.ts";
import type { FitState } from "./fitState.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { assignVariables, readVariables } from "./variables.ts";

const noVariables: ReadonlyMap<string, tf.Variable> = new Map();

/**
 * Saves and restores all that decides how training goes on. Saves happen between two steps, when
 * accumulation buffers are zero, so these are not part of a checkpoint.
 */
export class CheckpointSaver {
  readonly #state: FitState;
  readonly #slots: readonly OptimizerSlot[];

  constructor(state: FitState, slots: readonly OptimizerSlot[]) {
    this.#state = state;
    this.#slots = slots;
  }

  /** Asks the callbacks whether to save, and does it. */
  async saveIfWanted(): Promise<void> {
    const state = this.#state;
    let wanted = state.checkpointRequested;
    state.checkpointRequested = false;
    await this.#forEach("wantsCheckpoint", async (callback) => {
      if (await callback.wantsCheckpoint?.(state)) wanted = true;
    });
    if (wanted && state.checkpointsFolder !== undefined) await this.save(state.checkpointsFolder);
  }

  /** @returns the name of the checkpoint's folder */
  async save(folder: string): Promise<string> {
    const state = this.#state;
    const previous = state.lastCheckpoint;
    await state.metricLog.flush();
    const content = this.#content();
    await state.listeners.runCheckpoint("onSaveCheckpoint", state, content);
    const name = checkpointName(state.step, !state.progress.settled);
    writeCheckpoint(path.join(folder, name), content, await this.#tensors());
    writePointer(folder, "last", { checkpoint: name, step: state.step });
    state.lastCheckpoint = name;
    await this.#forEach("onCheckpointSaved", (callback) =>
      callback.onCheckpointSaved?.(state, name),
    );
    if (previous !== undefined && isInterruptedName(previous)) state.removeCheckpoint(previous);
    return name;
  }

  /** Puts a checkpoint's content into the module, the optimizer, the callbacks and the counters. */
  async restore(checkpoint: string): Promise<void> {
    const state = this.#state;
    const { content, tensors } = readCheckpoint(checkpoint);
    this.#warnOfChanges(content);
    await state.listeners.runCheckpoint("onLoadCheckpoint", state, content);
    const { module } = state;
    assignVariables("parameters", module.trainableParameters(), tensors.parameters);
    assignVariables("otherState", module.otherState?.() ?? noVariables, tensors.otherState);
    assignVariables("the optimizer's state", this.#optimizerState(), tensors.optimizer);
    await this.#restoreCallbacks(content.callbacks, tensors.callbacks);
    Object.assign(state.progress, content.progress);
    const every = { ticks: content.progress.step, state: {} }; // before schedules had state
    for (const [i, { clock }] of this.#slots.entries()) {
      clock.restore(content.lrSchedules?.[i] ?? every);
    }
    state.shouldStop = content.shouldStop;
    state.metricLog.restore(content.metrics);
    if (content.epochLog) state.trainLog.restore(content.epochLog);
    state.resumedFrom = checkpoint;
    if (path.resolve(path.dirname(checkpoint)) === path.resolve(state.checkpointsFolder ?? "")) {
      state.lastCheckpoint = path.basename(checkpoint);
    }
  }

  #content(): CheckpointContent {
    const { settings, progress, shouldStop, metricLog, trainLog } = this.#state;
    const callbacks: Record<string, JsonObject> = {};
    for (const callback of settings.callbacks) {
      if (callback.stateKey === undefined) continue;
      callbacks[callback.stateKey] = callback.stateDict?.() ?? {};
    }
    return {
      formatVersion: 1,
      progress: { ...progress },
      shouldStop,
      seed: settings.seed,
      accumulateGradBatches: settings.accumulateGradBatches,
      batchesPerEpoch: this.#batchesPerEpoch(),
      specHash: settings.specHash ?? null,
      optimizer: {
        name: this.#slots.map(({ name }) => name).join(", "),
        learningRate: this.#slots[0]!.learningRate,
      },
      lrSchedules: this.#slots.map(({ clock }) => clock.state()),
      metrics: metricLog.state(),
      epochLog: trainLog.state(),
      callbacks,
      extra: {},
    };
  }

  /** 0 while an epoch's length is not known. */
  #batchesPerEpoch(): number {
    const { batchesPerEpoch } = this.#state;
    return Number.isFinite(batchesPerEpoch) ? batchesPerEpoch : 0;
  }

  /** Of a single optimizer as it is; of several, below their names. */
  #optimizerState(): ReadonlyMap<string, tf.Variable> {
    const [only, ...others] = this.#slots;
    if (others.length === 0) return only!.optimizer.state();
    return new Map(
      this.#slots.flatMap(({ name, optimizer }) =>
        [...optimizer.state()].map(([key, variable]) => [`${name}/${key}`, variable] as const),
      ),
    );
  }

  async #tensors(): Promise<CheckpointTensors> {
    const { module, settings } = this.#state;
    const callbacks = new Map<string, HostTensor>();
    for (const callback of settings.callbacks) {
      const { stateKey } = callback;
      if (stateKey === undefined || !callback.stateVariables) continue;
      for (const [name, tensor] of await readVariables(callback.stateVariables())) {
        callbacks.set(`${stateKey}/${name}`, tensor);
      }
    }
    return {
      parameters: await readVariables(module.trainableParameters()),
      optimizer: await readVariables(this.#optimizerState()),
      otherState: await readVariables(module.otherState?.() ?? noVariables),
      callbacks,
    };
  }

  async #restoreCallbacks(
    states: Readonly<Record<string, JsonObject>>,
    tensors: ReadonlyMap<string, HostTensor>,
  ): Promise<void> {
    const { settings } = this.#state;
    await this.#forEach("loadStateDict", (callback) => {
      const stored = callback.stateKey === undefined ? undefined : states[callback.stateKey];
      if (!stored || callback.stateKey === undefined) return;
      const variables = callback.stateVariables?.();
      const own = tensorsOf(callback.stateKey, tensors);
      if (variables) assignVariables(`callback "${callback.name}"`, variables, own);
      callback.loadStateDict?.(stored);
    });
    const known = new Set(settings.callbacks.map(({ stateKey }) => stateKey));
    for (const key of Object.keys(states)) {
      if (!known.has(key)) settings.print(`The checkpoint has state of "${key}", not used now`);
    }
  }

  /** What may be changed on purpose, at the price of other numbers than an uninterrupted run's. */
  #warnOfChanges(content: CheckpointContent): void {
    const { settings } = this.#state;
    const { seed, accumulateGradBatches } = settings;
    const now = { seed, accumulateGradBatches, batchesPerEpoch: this.#batchesPerEpoch() };
    for (const name of ["seed", "accumulateGradBatches", "batchesPerEpoch"] as const) {
      if (content[name] === now[name]) continue;
      settings.print(`${name} is ${now[name]}, but was ${content[name]} before resuming`);
    }
  }

  async #forEach(hook: string, visit: Parameters<typeof forEachCallback>[2]): Promise<void> {
    await forEachCallback(this.#state.settings.callbacks, hook, visit);
  }
}

/** The tensors below `<key>/`, without that prefix. */
function tensorsOf(
  key: string,
  tensors: ReadonlyMap<string, HostTensor>,
): ReadonlyMap<string, HostTensor> {
  const prefix = `${key}/`;
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
