import { errorAt } from "../base/errors.ts";
import type { HostBatch } from "../base/hostTensor.ts";
import type { Collate } from "./createLoader.ts";
import {
  batchCount,
  checkBatchSize,
  checkIndex,
  missingBatch,
  type DataLoader,
  type Shard,
} from "./dataLoader.ts";
import type { Example } from "./dataset.ts";
import { EpochReader } from "./epochReader.ts";
import { everyNth, type IterableDataset } from "./iterableDataset.ts";
import { stackExamples } from "./stackExamples.ts";

export interface IterableLoaderOptions {
  dataset: IterableDataset;
  batchSize: number;
  /** By default the examples are stacked and must be alike; `padCollate` takes ragged ones. */
  collate?: Collate;
  /** Leaves out a last batch that is not full; on by default. */
  dropLast?: boolean;
}

/**
 * Batches of an iterable dataset. Batches asked for in order are read on; any other one begins the
 * epoch anew and passes over the examples before it, so a resumed run sees the same batches.
 *
 * Its length is unknown, and it has `has`, unless the dataset says how long it is.
 */
export function iterableLoader(options: IterableLoaderOptions): DataLoader {
  const batches = new IterableBatches(options);
  const { length } = batches;
  const batch = (epoch: number, index: number): Promise<HostBatch> => batches.batch(epoch, index);
  const dispose = (): Promise<void> => batches.close();
  const shard = (part: Shard): DataLoader =>
    iterableLoader({ ...options, dataset: everyNth(options.dataset, part) });
  if (length < Infinity) return { length, batch, shard, dispose };
  return {
    shard,
    get length() {
      return batches.length;
    },
    batch,
    has: (epoch, index) => batches.has(epoch, index),
    dispose,
  };
}

/** The examples of one batch, read but not yet joined. */
interface ReadBatch {
  readonly epoch: number;
  readonly index: number;
  readonly examples: readonly Example[];
}

class IterableBatches {
  readonly #dataset: IterableDataset;
  readonly #batchSize: number;
  readonly #collate: Collate;
  readonly #dropLast: boolean;
  #reader: EpochReader | undefined;
  #latest: ReadBatch | undefined;
  /** One thing at a time, for there is one reader. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Batches of every epoch, where the dataset says so. */
  readonly #declared: number | undefined;
  /** Batches of every epoch, or of the latest one whose end was seen. */
  length: number;

  constructor(options: IterableLoaderOptions) {
    const { dataset, batchSize, collate = stackExamples, dropLast = true } = options;
    checkBatchSize(batchSize);
    const { length: examples } = dataset;
    this.#declared = examples === undefined ? undefined : batchCount(examples, batchSize, dropLast);
    this.length = this.#declared ?? Infinity;
    this.#dataset = dataset;
    this.#batchSize = batchSize;
    this.#collate = collate;
    this.#dropLast = dropLast;
  }

  has(epoch: number, index: number): Promise<boolean> {
    return this.#inTurn(async () => this.#isBatch(await this.#read(epoch, index)));
  }

  batch(epoch: number, index: number): Promise<HostBatch> {
    return this.#inTurn(async () => {
      const read = await this.#read(epoch, index);
      if (!this.#isBatch(read)) throw this.#missing(read);
      try {
        return await this.#collate(read.examples);
      } catch (cause) {
        const first = index * this.#batchSize;
        const last = first + read.examples.length - 1;
        const which = `batch ${index} of epoch ${epoch}, examples ${first} to ${last}`;
        throw errorAt(`Cannot make ${which}`, cause);
      }
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#restart());
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** How many examples make a batch; fewer only in the last one of a declared length. */
  #wanted(index: number): number {
    const { length = Infinity } = this.#dataset;
    return Math.min(this.#batchSize, length - index * this.#batchSize);
  }

  #isBatch({ index, examples }: ReadBatch): boolean {
    if (examples.length === this.#wanted(index)) return true;
    const mayBeShort = !this.#dropLast && this.#declared === undefined;
    return mayBeShort && examples.length > 0;
  }

  async #read(epoch: number, index: number): Promise<ReadBatch> {
    if (this.#latest?.epoch === epoch && this.#latest.index === index) return this.#latest;
    checkIndex(index, this.#declared ?? Infinity);
    const start = index * this.#batchSize;
    const wanted = this.#wanted(index);
    try {
      const reader = await this.#readerBefore(epoch, start);
      await reader.skipTo(start);
      const examples = await reader.take(wanted);
      if (examples.length < wanted) this.#noteEnd(reader.read);
      this.#latest = { epoch, index, examples };
      return this.#latest;
    } catch (cause) {
      await this.#restart();
      throw cause;
    }
  }

  /** A reader of the epoch that has not read past a place. */
  async #readerBefore(epoch: number, place: number): Promise<EpochReader> {
    if (this.#reader?.epoch === epoch && this.#reader.read <= place) return this.#reader;
    await this.#restart();
    this.#reader = new EpochReader(this.#dataset, epoch);
    return this.#reader;
  }

  async #restart(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#latest = undefined;
    await reader?.close();
  }

  #noteEnd(examples: number): void {
    if (this.#declared !== undefined) return;
    const batches = examples / this.#batchSize;
    this.length = this.#dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  #missing({ epoch, index }: ReadBatch): RangeError {
    const { length: declared } = this.#dataset;
    if (declared === undefined) return missingBatch(epoch, index, this.length);
    return new RangeError(
      `Cannot load batch ${index} of epoch ${epoch}: the dataset declares ${declared} examples, but ended after ${this.#reader?.read}; correct its length, or leave it out`,
    );
  }
}
