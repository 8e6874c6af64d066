import path from "node:path";

import type { HostTensor } from "../base/hostTensor.ts";
import type { JsonObject } from "../base/json.ts";
import { broadcastText } from "../distributed/world.ts";
import type { LossScale } from "../optim/lossScale.ts";
import { agreeToSave } from "./agreement.ts";
import { forEachCallback, type Callback } from "./callback.ts";
import { readCheckpoint, writeCheckpoint, type CheckpointTensors } from "./checkpoint.ts";
import type { CheckpointContent } from "./checkpointContent.ts";
import { checkpointName, checkpointNameIn, isPassingName } from "./checkpointFolder.ts";
import type { CheckpointJob } from "./checkpointJob.ts";
import type { CheckpointRequest } from "./checkpointRequest.ts";
import { CheckpointWriting } from "./checkpointWriting.ts";
import { FitContent } from "./fitContent.ts";
import type { FitState } from "./fitState.ts";
import { assignShare } from "./gatherState.ts";
import type { OptimizerSlot } from "./optimizerSlot.ts";
import { assignVariables, readVariables } from "./variables.ts";
import { warnOfChanges } from "./warnOfChanges.ts";

/** What the batches after a step change in a checkpoint's content. */
type Standing = Pick<CheckpointContent, "progress" | "epochLog" | "accumulateGradBatchesNow">;

/**
 * Saves and restores all that decides how training goes on. Saves happen between two steps, when
 * accumulation buffers are zero, so these are not part of a checkpoint.
 */
export class CheckpointSaver {
  readonly #state: FitState;
  readonly #slots: readonly OptimizerSlot[];
  readonly #content: FitContent;
  readonly #writing: CheckpointWriting;
  /** Where training stood when the last step, or an epoch that was cut short, was done with. */
  #settled: Standing;
  /** What a checkpoint would have held before the hooks that follow the running step. */
  #unsettled: CheckpointContent | undefined;
  /** What `#settled` was at the checkpoint that `last.json` names. */
  #saved: Standing | undefined;

  constructor(state: FitState, slots: readonly OptimizerSlot[]) {
    this.#state = state;
    this.#slots = slots;
    this.#content = new FitContent(state, slots);
    this.#writing = new CheckpointWriting(state, this.#content);
    this.#settled = this.#whereItStands();
    state.saveAtOnce = (request) => this.#saveAfterException(request);
    state.finishWriting = () => this.finishWriting();
  }

  /** Called before training, when all variables have their values. */
  begin(): void {
    this.#writing.begin();
  }

  /**
   * Waits until what was saved is durable, and the callbacks have heard of it.
   *
   * @throws {Error} when it could not be written
   */
  async finishWriting(): Promise<void> {
    await this.#writing.finish();
  }

  dispose(): void {
    this.#writing.dispose();
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
   * Called before the hooks of a validation or an epoch's end, also of one cut short. A fit that is resumed from what is
   * saved when they fail, or are interrupted, runs all of them again.
   */
  beforeHooks(): void {
    const { checkpointsFolder, progress } = this.#state;
    if (checkpointsFolder !== undefined) this.#unsettled = this.#content.content(progress);
  }

  /** Saves what a fit begins with, where it may have to go back to that. */
  async saveStart(): Promise<void> {
    const { rollBacks, checkpointsFolder, progress } = this.#state;
    if (!rollBacks || checkpointsFolder === undefined) return;
    const name = checkpointName(progress.step, "start");
    await this.#save(checkpointsFolder, [{ name }], () => this.#content.content(progress), true);
    await this.finishWriting();
  }

  /** Called when all hooks of a step, or of the end of an epoch that was cut short, are done with. */
  settle(): void {
    this.#settled = this.#whereItStands();
    this.#unsettled = undefined;
    this.#state.settledOtherState = undefined;
  }

  /** Asks the callbacks whether to save, and does it. Called when a step is done with. */
  async saveIfWanted(): Promise<void> {
    const state = this.#state;
    this.settle();
    if (this.#writing.isDone) await this.finishWriting();
    const wanted: CheckpointRequest[] = [];
    await this.#forEach("wantsCheckpoint", async (callback) => {
      const answer = await callback.wantsCheckpoint?.(state);
      if (answer) wanted.push(answer === true ? {} : answer);
    });
    const asked = state.checkpoints.takeRequests();
    const requests = await agreeToSave(state, `saving step ${state.step}`, { wanted, asked });
    const { checkpointsFolder } = state;
    if (requests.length > 0 && checkpointsFolder !== undefined) {
      const content = (): CheckpointContent => this.#content.content(state.progress);
      await this.#save(checkpointsFolder, requests, content, true);
    }
    if (state.ending) await this.finishWriting();
  }

  /** Saves what was asked for when training had ended, unless that was just done. */
  async saveIfRequested(): Promise<void> {
    const { progress, checkpoints, checkpointsFolder } = this.#state;
    await this.finishWriting(); // what was saved last is then known to all workers alike
    const own = { wanted: [], asked: checkpoints.takeRequests() };
    const asked = await agreeToSave(this.#state, "saving at the end of training", own);
    const isNew = ({ name, weightsOnly = false }: CheckpointRequest): boolean =>
      name !== undefined || weightsOnly || !this.#isSaved;
    const requests = asked.filter(isNew);
    if (requests.length > 0 && checkpointsFolder !== undefined) {
      await this.#save(checkpointsFolder, requests, () => this.#content.content(progress));
    }
    await this.finishWriting();
  }

  /** Writes the module's weights as they are now, also after the fit. */
  async saveWeights(folder: string): Promise<void> {
    const { progress, globalRank, settings } = this.#state;
    const { parameters, otherState } = this.#content.variables;
    const content = weightsContent(this.#content.content(progress));
    if (globalRank > 0) return;
    const tensors = {
      parameters: await readVariables(parameters),
      otherState: await readVariables(otherState),
    };
    writeCheckpoint(folder, content, tensors, settings.checkpoints.maxShardBytes);
  }

  /**
   * Saves because of an interruption, unless that was just done.
   *
   * @returns the name of the checkpoint's folder
   */
  async save(folder: string): Promise<string> {
    const { progress, checkpoints } = this.#state;
    await this.finishWriting(); // what was saved last is then known to all workers alike
    const { last } = checkpoints;
    if (progress.settled && this.#isSaved && last !== undefined) return last;
    const name = checkpointName(progress.step, "interrupted");
    await this.#save(folder, [{ name }], () => this.#contentAtEnd());
    await this.finishWriting();
    return name;
  }

  /** Batches of a window that was not finished are trained on again: its gradients are lost. */
  async #saveAfterException(request: CheckpointRequest): Promise<string | undefined> {
    const { progress, checkpointsFolder } = this.#state;
    if (checkpointsFolder === undefined || progress.step === 0) return undefined;
    if (this.#content.shares && !request.weightsOnly) {
      this.#state.print(
        "Cannot save after an exception: the optimizer's state is divided among the workers, which no longer meet",
      );
      return undefined;
    }
    const kind = request.weightsOnly ? "weights" : "interrupted";
    const name = request.name ?? checkpointName(progress.step, kind);
    await this.#save(checkpointsFolder, [{ ...request, name }], () => this.#contentAtEnd());
    await this.finishWriting();
    return name;
  }

  /** What to resume a fit with that ends before the running step, or cut epoch, is done with. */
  #contentAtEnd(): CheckpointContent {
    const { progress } = this.#state;
    const content = this.#unsettled ?? this.#content.content(progress);
    return progress.settled ? { ...content, ...this.#settled } : content;
  }

  get #isSaved(): boolean {
    return this.#saved === this.#settled;
  }

  #whereItStands(): Standing {
    const { progress, trainLog, accumulateGradBatchesNow } = this.#state;
    return { progress: { ...progress }, epochLog: trainLog.state(), accumulateGradBatchesNow };
  }

  /** @param isGood whether training may go back to it: it stands where every such fit has one */
  async #save(
    folder: string,
    requests: readonly CheckpointRequest[],
    makeContent: () => CheckpointContent,
    isGood = false,
  ): Promise<void> {
    await this.finishWriting(); // copies are written over
    const state = this.#state;
    const { step } = state;
    const settled = this.#settled;
    const previous = state.checkpoints.last;
    await state.metricLog.flush();
    const { whole, weights } = byKind(requests, step);
    const [last] = whole;
    const names = [...whole, ...weights];
    const kept = state.checkpoints.keptNow(names);
    const passed = state.rollBacks?.candidates ?? [];
    if (isGood) state.rollBacks?.add(whole, step, kept);
    const checkpoints = [
      ...(await this.#wholeOnes(folder, whole, makeContent)),
      ...(await this.#weightsOnes(folder, weights, makeContent)),
    ];
    const pointer = last === undefined ? undefined : { checkpoint: last, step };
    await this.#writing.write(checkpoints, pointer && { folder, pointer }, async () => {
      if (last !== undefined) this.#setLast(last, settled, kept);
      for (const name of names) {
        await this.#forEach("onCheckpointSaved", (callback) =>
          callback.onCheckpointSaved?.(state, name),
        );
      }
      this.#removePassing([previous, ...passed.map((each) => path.basename(each))]);
    });
  }

  #removePassing(names: readonly (string | undefined)[]): void {
    const { checkpointsFolder = "", rollBacks } = this.#state;
    for (const name of new Set(names)) {
      if (name === undefined || !isPassingName(name)) continue;
      const isTarget = rollBacks?.candidates.includes(path.resolve(checkpointsFolder, name));
      if (!isTarget) this.#state.removeCheckpoint(name);
    }
  }

  /** Rank 0 writes; the others have only the pointers, in folders of their own. */
  async #wholeOnes(
    folder: string,
    names: ReadonlySet<string>,
    makeContent: () => CheckpointContent,
  ): Promise<CheckpointJob["checkpoints"]> {
    if (names.size === 0) return [];
    const content = makeContent();
    await this.#state.listeners.runCheckpoint("onSaveCheckpoint", this.#state, content);
    const { reader } = this.#writing;
    const together = this.#content.shares && (await this.#content.optimizerState(reader));
    if (this.#state.globalRank > 0) return [];
    const optimizer = together ?? (await this.#content.optimizerState(reader));
    const tensors = await this.#content.tensors(reader, optimizer);
    return [...names].map((name) => ({ folder: path.join(folder, name), content, tensors }));
  }

  async #weightsOnes(
    folder: string,
    names: ReadonlySet<string>,
    makeContent: () => CheckpointContent,
  ): Promise<CheckpointJob["checkpoints"]> {
    if (names.size === 0) return [];
    const content = weightsContent(makeContent());
    if (this.#state.globalRank > 0) return [];
    const tensors = await this.#content.exportWeights(this.#writing.reader);
    return [...names].map((name) => ({ folder: path.join(folder, name), content, tensors }));
  }

  /** Puts a checkpoint's content into the module, the optimizer, the callbacks and the counters. */
  async restore(checkpoint: string): Promise<void> {
    const state = this.#state;
    const { content, tensors } = readCheckpoint(checkpoint);
    warnOfChanges(content, this.#content, state.settings);
    await state.listeners.runCheckpoint("onLoadCheckpoint", state, content);
    this.#assign(checkpoint, tensors);
    await this.#restoreCallbacks(content.callbacks, tensors.callbacks, () => true);
    this.#tellOfUnused(content.callbacks);
    delete state.progress.optimizersMadeAt; // the moments are the checkpoint's
    Object.assign(state.progress, content.progress);
    state.continueAccumulation(content.accumulateGradBatchesNow);
    for (const [i, slot] of this.#slots.entries()) {
      const stored = content.lrSchedules[i];
      if (stored) slot.restore(stored);
    }
    if (content.lossScale) {
      state.lossScaling?.goBack(scaleOf(content));
      state.lossScaling?.restoreSkipped(content.lossScale.skippedAt);
    }
    state.rollBacks?.restore(checkpoint, content.rollBacks);
    state.shouldStop = content.shouldStop;
    state.metricLog.restore(content.metrics);
    state.trainLog.restore(content.epochLog);
    this.#settled = this.#whereItStands();
    state.checkpoints.resumedFrom = checkpoint;
    const own = checkpointNameIn(state.checkpointsFolder, checkpoint) ?? "";
    const name = await broadcastText(state.settings.world, "the checkpoint to go on from", own);
    if (name !== "") this.#setLast(name, this.#settled, state.checkpoints.keptNow());
  }

  /**
   * Takes from a checkpoint what belongs to the weights: them, moments, other state, the loss scale
   * and callbacks' state, but for that of callbacks of kind `checkpoint`, which is about files.
   * Counters, schedules and logs stay as they are.
   *
   * @returns where training stood then
   */
  async restoreValues(checkpoint: string): Promise<CheckpointContent["progress"]> {
    const state = this.#state;
    const { content, tensors } = readCheckpoint(checkpoint);
    await state.listeners.runCheckpoint("onLoadCheckpoint", state, content);
    this.#assign(checkpoint, tensors);
    const { callbacks, progress } = content;
    await this.#restoreCallbacks(callbacks, tensors.callbacks, ({ kind }) => kind !== "checkpoint");
    if (content.lossScale) state.lossScaling?.goBack(scaleOf(content));
    return progress;
  }

  #assign(checkpoint: string, tensors: CheckpointTensors): void {
    const of = (what: string): string => `${what} of ${checkpoint}`;
    const { parameters, otherState, optimizer } = this.#content.variables;
    assignVariables(of("parameters"), parameters, tensors.parameters);
    assignVariables(of("otherState"), otherState, tensors.otherState);
    const { shares } = this.#content;
    const ofOptimizer = of("the optimizer's state");
    if (shares) assignShare(ofOptimizer, shares, tensors.optimizer);
    else assignVariables(ofOptimizer, optimizer, tensors.optimizer);
  }

  #setLast(name: string, settled: Standing, kept: ReadonlySet<string>): void {
    this.#state.checkpoints.setLast(name, kept);
    this.#saved = settled;
  }

  async #restoreCallbacks(
    states: Readonly<Record<string, JsonObject>>,
    tensors: ReadonlyMap<string, HostTensor>,
    isMeant: (callback: Callback) => boolean,
  ): Promise<void> {
    await this.#forEach("loadStateDict", (callback) => {
      const stored = callback.stateKey === undefined ? undefined : states[callback.stateKey];
      if (!isMeant(callback)) return;
      if (!stored || callback.stateKey === undefined) return;
      const variables = callback.stateVariables?.();
      const own = tensorsOf(callback.stateKey, tensors);
      if (variables) assignVariables(`callback "${callback.name}"`, variables, own);
      callback.loadStateDict?.(stored);
    });
  }

  #tellOfUnused(states: Readonly<Record<string, JsonObject>>): void {
    const { settings } = this.#state;
    const known = new Set(settings.callbacks.map(({ stateKey }) => stateKey));
    for (const key of Object.keys(states)) {
      if (!known.has(key)) settings.print(`The checkpoint has state of "${key}", not used now`);
    }
  }

  async #forEach(hook: string, visit: Parameters<typeof forEachCallback>[2]): Promise<void> {
    await forEachCallback(this.#state.settings.callbacks, hook, visit);
  }
}

/** In other precisions than 16-mixed what is saved as a scale is always 1. */
const scaleOf = ({ precision = "16-mixed", lossScale }: CheckpointContent): LossScale | undefined =>
  precision === "16-mixed" ? lossScale : undefined;

const weightsContent = (content: CheckpointContent): CheckpointContent => ({
  ...content,
  callbacks: {},
  weightsOnly: true,
});

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
