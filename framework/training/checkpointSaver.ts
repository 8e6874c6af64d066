import path from "node:path";

import type * as tf from "@tensorflow/tfjs";

import type { HostTensor } from "../base/hostTensor.ts";
import type { JsonObject } from "../base/json.ts";
import { packageVersions } from "../tracking/packageVersions.ts";
import { forEachCallback } from "./callback.ts";
import { readCheckpoint, writeCheckpoint, type CheckpointTensors } from "./checkpoint.ts";
import type { CheckpointContent, Progress } from "./checkpointContent.ts";
import {
  checkpointName,
  checkpointNameIn,
  isInterruptedName,
  writePointer,
} from "./checkpointFolder.ts";
import { formatVersion } from "./checkpointMigrations.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
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
  readonly #versions: Readonly<Record<string, string>> = packageVersions();
  /** Where training stood when the last step was done with. */
  #settled: Pick<CheckpointContent, "progress" | "epochLog">;
  /** What a checkpoint would have held before the hooks that follow the running step. */
  #unsettled: CheckpointContent | undefined;
  /** Step of the checkpoint that `last.json` names. */
  #savedStep: number | undefined;

  constructor(state: FitState, slots: readonly OptimizerSlot[]) {
    this.#state = state;
    this.#slots = slots;
    this.#settled = this.#whereItStands();
    state.saveAtOnce = (request) => this.#saveAfterException(request);
  }

  /**
   * Called before the first batch of an accumulation window. A fit that is resumed from what is
   * saved inside the window begins it again, from the other state that it began with.
   */
  async beforeWindow(): Promise<void> {
    const state = this.#state;
    const others = state.module.otherState?.();
    if (state.accumulateGradBatches === 1 || state.checkpointsFolder === undefined) return;
    if (others?.size) state.settledOtherState ??= await readVariables(others);
  }

  /**
   * Called before the hooks of a validation or an epoch's end. A fit that is resumed from what is
   * saved when they fail, or are interrupted, runs all of them again.
   */
  beforeHooks(): void {
    const { checkpointsFolder, progress } = this.#state;
    if (checkpointsFolder !== undefined) this.#unsettled = this.#content(progress);
  }

  /** Asks the callbacks whether to save, and does it. Called when a step is done with. */
  async saveIfWanted(): Promise<void> {
    const state = this.#state;
    this.#settled = this.#whereItStands();
    this.#unsettled = undefined;
    state.settledOtherState = undefined;
    const requests: CheckpointRequest[] = state.checkpoints.takeRequest() ? [{}] : [];
    await this.#forEach("wantsCheckpoint", async (callback) => {
      const wanted = await callback.wantsCheckpoint?.(state);
      if (wanted) requests.push(wanted === true ? {} : wanted);
    });
    const { checkpointsFolder } = state;
    if (requests.length > 0 && checkpointsFolder !== undefined) {
      await this.#save(checkpointsFolder, requests, () => this.#content(state.progress));
    }
  }

  /** Saves what was asked for when training had ended, unless that was just done. */
  async saveIfRequested(): Promise<void> {
    const { step, checkpointsFolder } = this.#state;
    const isWanted = this.#state.checkpoints.takeRequest() && step !== this.#savedStep;
    if (isWanted && checkpointsFolder !== undefined) {
      await this.#save(checkpointsFolder, [{}], () => this.#content(this.#state.progress));
    }
  }

  /** Writes the module's weights as they are now, also after the fit. */
  async saveWeights(folder: string): Promise<void> {
    const { module, progress } = this.#state;
    const content = { ...this.#content(progress), callbacks: {}, weightsOnly: true } as const;
    if (this.#state.globalRank > 0) return;
    writeCheckpoint(folder, content, {
      parameters: await readVariables(module.trainableParameters()),
      otherState: await readVariables(module.otherState?.() ?? noVariables),
    });
  }

  /**
   * Saves because of an interruption, unless that was just done.
   *
   * @returns the name of the checkpoint's folder
   */
  async save(folder: string): Promise<string> {
    const { progress, checkpoints } = this.#state;
    const { last } = checkpoints;
    if (progress.settled && progress.step === this.#savedStep && last !== undefined) return last;
    const name = checkpointName(progress.step, "interrupted");
    await this.#save(folder, [{ name }], () => this.#contentAtEnd());
    return name;
  }

  /** Batches of a window that was not finished are trained on again: its gradients are lost. */
  async #saveAfterException(request: CheckpointRequest): Promise<string | undefined> {
    const { progress, checkpointsFolder } = this.#state;
    if (checkpointsFolder === undefined || progress.step === 0) return undefined;
    const kind = request.weightsOnly ? "weights" : "interrupted";
    const name = request.name ?? checkpointName(progress.step, kind);
    await this.#save(checkpointsFolder, [{ ...request, name }], () => this.#contentAtEnd());
    return name;
  }

  /** What to resume a fit with that ends before the running step is done with. */
  #contentAtEnd(): CheckpointContent {
    const { progress } = this.#state;
    if (!progress.settled) return this.#unsettled ?? this.#content(progress);
    return { ...this.#content(progress), ...this.#settled };
  }

  #whereItStands(): Pick<CheckpointContent, "progress" | "epochLog"> {
    return { progress: { ...this.#state.progress }, epochLog: this.#state.trainLog.state() };
  }

  async #save(
    folder: string,
    requests: readonly CheckpointRequest[],
    makeContent: () => CheckpointContent,
  ): Promise<void> {
    const state = this.#state;
    const { step } = state;
    const previous = state.checkpoints.last;
    await state.metricLog.flush();
    const { whole, weights } = byKind(requests, step);
    await this.#writeWhole(folder, whole, makeContent);
    await this.#writeWeights(folder, weights, makeContent);
    const [last] = whole;
    if (last !== undefined) {
      writePointer(folder, "last", { checkpoint: last, step });
      this.#setLast(last, step);
    }
    for (const name of [...whole, ...weights]) {
      await this.#forEach("onCheckpointSaved", (callback) =>
        callback.onCheckpointSaved?.(state, name),
      );
    }
    if (previous !== undefined && isInterruptedName(previous)) state.removeCheckpoint(previous);
  }

  async #writeWhole(
    folder: string,
    names: ReadonlySet<string>,
    makeContent: () => CheckpointContent,
  ): Promise<void> {
    if (names.size === 0) return;
    const content = makeContent();
    await this.#state.listeners.runCheckpoint("onSaveCheckpoint", this.#state, content);
    await this.#write(folder, names, content, () => this.#tensors());
  }

  /** Rank 0 writes; the others have only the pointers, in folders of their own. */
  async #write(
    folder: string,
    names: ReadonlySet<string>,
    content: CheckpointContent,
    read: () => Promise<Partial<CheckpointTensors>>,
  ): Promise<void> {
    if (this.#state.globalRank > 0) return;
    const tensors = await read();
    for (const name of names) writeCheckpoint(path.join(folder, name), content, tensors);
  }

  async #writeWeights(
    folder: string,
    names: ReadonlySet<string>,
    makeContent: () => CheckpointContent,
  ): Promise<void> {
    if (names.size === 0) return;
    const state = this.#state;
    const content = { ...makeContent(), callbacks: {}, weightsOnly: true } as const;
    await this.#write(folder, names, content, () =>
      state.withExportWeights(async () => ({
        parameters: await readVariables(state.module.trainableParameters()),
        otherState: await this.#otherState(),
      })),
    );
  }

  /** Puts a checkpoint's content into the module, the optimizer, the callbacks and the counters. */
  async restore(checkpoint: string): Promise<void> {
    const state = this.#state;
    const { content, tensors } = readCheckpoint(checkpoint);
    this.#warnOfChanges(content);
    await state.listeners.runCheckpoint("onLoadCheckpoint", state, content);
    const { module } = state;
    const of = (what: string): string => `${what} of ${checkpoint}`;
    const others = module.otherState?.() ?? noVariables;
    assignVariables(of("parameters"), module.trainableParameters(), tensors.parameters);
    assignVariables(of("otherState"), others, tensors.otherState);
    assignVariables(of("the optimizer's state"), this.#optimizerState(), tensors.optimizer);
    await this.#restoreCallbacks(content.callbacks, tensors.callbacks);
    Object.assign(state.progress, content.progress);
    for (const [i, slot] of this.#slots.entries()) {
      const stored = content.lrSchedules[i];
      if (stored) slot.restore(stored);
    }
    if (content.lossScale) state.lossScaling?.restore(content.lossScale);
    state.shouldStop = content.shouldStop;
    state.metricLog.restore(content.metrics);
    state.trainLog.restore(content.epochLog);
    this.#settled = this.#whereItStands();
    state.checkpoints.resumedFrom = checkpoint;
    const name = checkpointNameIn(state.checkpointsFolder, checkpoint);
    if (name !== undefined) this.#setLast(name, state.step);
  }

  #setLast(name: string, step: number): void {
    this.#state.checkpoints.setLast(name);
    this.#savedStep = step;
  }

  #content(progress: Progress): CheckpointContent {
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
      batchesPerEpoch: this.#batchesPerEpoch(),
      ...(worldSize > 1 && { workers: worldSize }),
      specHash: settings.specHash ?? null,
      ...(settings.spec && { spec: settings.spec }),
      versions: this.#versions,
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
      otherState: await this.#otherState(),
      callbacks,
    };
  }

  /** Belongs to the counters that are saved with it. */
  async #otherState(): Promise<ReadonlyMap<string, HostTensor>> {
    const { module, progress, settledOtherState } = this.#state;
    if (progress.settled && settledOtherState) return settledOtherState;
    return readVariables(module.otherState?.() ?? noVariables);
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
    const { seed, accumulateGradBatches, precision, world } = settings;
    const batchesPerEpoch = this.#batchesPerEpoch();
    const workers = world.size;
    const now = { seed, accumulateGradBatches, batchesPerEpoch, precision, workers };
    const then = { ...content, workers: content.workers ?? 1 };
    for (const name of numbersDecidedBy) {
      if ((then[name] ?? now[name]) === now[name]) continue;
      settings.print(`${name} is ${now[name]}, but was ${then[name]} before resuming`);
    }
    for (const [name, version] of Object.entries(content.versions ?? {})) {
      if (this.#versions[name] === version) continue;
      settings.print(`${name} is ${this.#versions[name]}, but was ${version} before resuming`);
    }
  }

  async #forEach(hook: string, visit: Parameters<typeof forEachCallback>[2]): Promise<void> {
    await forEachCallback(this.#state.settings.callbacks, hook, visit);
  }
}

const numbersDecidedBy = [
  "seed",
  "accumulateGradBatches",
  "batchesPerEpoch",
  "precision",
  "workers",
] as const;

/** Names to write, each once; a name that anybody wants whole is whole. */
function byKind(
  requests: readonly CheckpointRequest[],
  step: number,
): { whole: ReadonlySet<string>; weights: ReadonlySet<string> } {
  const namesOf = (weightsOnly: boolean): string[] =>
    requests
      .filter((request) => (request.weightsOnly ?? false) === weightsOnly)
      .map(({ name = checkpointName(step, weightsOnly ? "weights" : undefined) }) => name);
  const whole = new Set(namesOf(false));
  return { whole, weights: new Set(namesOf(true).filter((name) => !whole.has(name))) };
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
