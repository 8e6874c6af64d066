import { carryOutJob, type CheckpointJob } from "./checkpointJob.ts";
import { CheckpointWriter } from "./checkpointWriter.ts";
import { copyingReader, type FitContent, type ValueReader } from "./fitContent.ts";
import type { FitState } from "./fitState.ts";
import { SnapshotMemory } from "./snapshotMemory.ts";

/** Below it a thread costs more than it saves. */
const smallestBytes = 64e6;
const bytesPerElement = 4;

/** What is to be done once all of a job is durable. */
type Finish = () => Promise<void>;

/**
 * Writes checkpoints at once, or copies their values and has a thread write them while training goes
 * on; one at a time.
 */
export class CheckpointWriting {
  readonly #state: FitState;
  readonly #content: FitContent;
  #inThread: { readonly writer: CheckpointWriter; readonly memory: SnapshotMemory } | undefined;
  #pending: { readonly written: Promise<Error | undefined>; readonly finish: Finish } | undefined;
  #isWritten = false;

  constructor(state: FitState, content: FitContent) {
    this.#state = state;
    this.#content = content;
  }

  /** Called before training: gets the memory for copies, if a thread is to write. */
  begin(): void {
    if (!this.#wantsThread()) return;
    const { parameters, optimizerState, otherState } = this.#content;
    const memory = new SnapshotMemory();
    const writer = new CheckpointWriter();
    this.#inThread = { memory, writer };
    const buffers = [
      ...memory.reserve("parameters", parameters),
      ...memory.reserve("optimizer", optimizerState),
      ...memory.reserve("otherState", otherState),
    ];
    void writer.takeMemory(buffers);
  }

  #wantsThread(): boolean {
    const { settings, checkpointsFolder, globalRank } = this.#state;
    const { async } = settings.checkpoints;
    if (checkpointsFolder === undefined || globalRank > 0 || async === false) return false;
    if (async === true) return true;
    const saves = settings.callbacks.some(({ kind }) => kind === "checkpoint");
    const bytes = this.#stateBytes();
    return saves && bytes >= smallestBytes && bytes < process.availableMemory() / 2;
  }

  #stateBytes(): number {
    const { parameters, optimizerState, otherState } = this.#content;
    const sizes = [parameters, optimizerState, otherState].flatMap((variables) =>
      Array.from(variables.values(), ({ size }) => size),
    );
    return sizes.reduce((sum, size) => sum + size * bytesPerElement, 0);
  }

  /** Whether what was begun is durable, so that `finish` does not wait. */
  get isDone(): boolean {
    return this.#pending === undefined || this.#isWritten;
  }

  /** Where the values of the next job come from. */
  get reader(): ValueReader {
    const { memory } = this.#inThread ?? {};
    if (!memory) return copyingReader;
    return {
      readVariables: (group, variables) => memory.copyVariables(group, variables),
      readTensors: (group, tensors) => memory.copyTensors(group, tensors),
    };
  }

  /**
   * Writes checkpoints, at the end of training before it returns; what was begun before must be
   * finished.
   *
   * @param finish called once they are durable: now, or by `finish`
   */
  async write(
    checkpoints: CheckpointJob["checkpoints"],
    last: CheckpointJob["last"],
    finish: Finish,
  ): Promise<void> {
    const { settings } = this.#state;
    const job: CheckpointJob = {
      checkpoints,
      maxShardBytes: settings.checkpoints.maxShardBytes,
      ...(last && { last }),
    };
    if (!this.#inThread) {
      carryOutJob(job);
      return finish();
    }
    this.#isWritten = false;
    const written = this.#inThread.writer.write(job).then((error) => {
      this.#isWritten = true;
      return error;
    });
    this.#pending = { written, finish };
  }

  /**
   * Waits for what was begun.
   *
   * @throws {Error} when it could not be written
   */
  async finish(): Promise<void> {
    const pending = this.#pending;
    if (!pending) return;
    const error = await pending.written;
    this.#pending = undefined;
    if (error) throw error;
    await pending.finish();
  }

  dispose(): void {
    this.#inThread?.writer.dispose();
  }
}
