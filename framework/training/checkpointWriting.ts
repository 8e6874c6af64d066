import * as tf from "@tensorflow/tfjs";

import { isKeptInFile } from "../base/keptInFile.ts";
import type { Callback } from "./callback.ts";
import { carryOutJob, type CheckpointJob } from "./checkpointJob.ts";
import type { CheckpointSettings } from "./checkpointOptions.ts";
import { CheckpointWriter } from "./checkpointWriter.ts";
import { openingReader, type FitContent, type ValueReader } from "./fitContent.ts";
import type { FitState } from "./fitState.ts";
import { SnapshotMemory } from "./snapshotMemory.ts";

/** Below it a thread costs more than it saves. */
const smallestBytes = 64e6;
const bytesPerElement = 4;

/**
 * Memory that copies of a fit's variables take, for a thread that writes them; 0 where none is to: nothing
 * saves, they are few, or some lie in files lest they take memory.
 */
export function copiedBytes(
  saved: Readonly<Record<string, ReadonlyMap<string, Sized>>>,
  callbacks: readonly Pick<Callback, "kind">[],
  { async }: Pick<CheckpointSettings, "async">,
): number {
  if (hasFiles(saved)) return 0;
  const sizes = Object.values(saved).flatMap((group) =>
    Array.from(group.values(), ({ size }) => size),
  );
  const bytes = sizes.reduce((sum, size) => sum + size * bytesPerElement, 0);
  if (async !== "auto") return async ? bytes : 0;
  const saves = callbacks.some(({ kind }) => kind === "checkpoint");
  return saves && bytes >= smallestBytes ? bytes : 0;
}

interface Sized {
  readonly size: number;
}

function hasFiles(saved: Readonly<Record<string, ReadonlyMap<string, Sized>>>): boolean {
  const all = Object.values(saved).flatMap((group) => [...group.values()]);
  return all.some((each) => each instanceof tf.Variable && isKeptInFile(each));
}

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
    const memory = new SnapshotMemory();
    const writer = new CheckpointWriter();
    this.#inThread = { memory, writer };
    const buffers = Object.entries(this.#content.variables).flatMap(([group, variables]) =>
      memory.reserve(group, variables),
    );
    void writer.takeMemory(buffers);
  }

  #wantsThread(): boolean {
    const { settings, checkpointsFolder, globalRank } = this.#state;
    if (checkpointsFolder === undefined || globalRank > 0) return false;
    const { callbacks, checkpoints } = settings;
    if (hasFiles(this.#content.variables)) return false;
    if (checkpoints.async !== "auto") return checkpoints.async;
    const bytes = copiedBytes(this.#content.sizes, callbacks, checkpoints);
    return bytes > 0 && bytes < process.availableMemory() / 2;
  }

  /** Whether what was begun is durable, so that `finish` does not wait. */
  get isDone(): boolean {
    return this.#pending === undefined || this.#isWritten;
  }

  /** Where the values of the next job come from. */
  get reader(): ValueReader {
    return this.#inThread?.memory ?? openingReader;
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
