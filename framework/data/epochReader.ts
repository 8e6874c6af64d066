import { errorAt } from "../base/errors.ts";
import type { Example } from "./dataset.ts";
import type { IterableDataset } from "./iterableDataset.ts";

/** Reads one epoch of an iterable dataset, forwards only. */
export class EpochReader {
  readonly epoch: number;
  /** Examples read or passed over so far. */
  read = 0;
  readonly #iterator: AsyncIterator<Example> | Iterator<Example>;

  constructor(dataset: IterableDataset, epoch: number) {
    this.epoch = epoch;
    const items = dataset.iterate(epoch);
    this.#iterator =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  }

  /** Passes over examples until `read` is `place`, or the epoch ends. */
  async skipTo(place: number): Promise<void> {
    while (this.read < place && (await this.#next()));
  }

  /** The next examples; fewer when the epoch ends. */
  async take(count: number): Promise<Example[]> {
    const examples: Example[] = [];
    while (examples.length < count) {
      const example = await this.#next();
      if (!example) break;
      examples.push(example);
    }
    return examples;
  }

  /** Lets the dataset close what it holds open. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  /** @throws {Error} naming the example at which the dataset failed */
  async #next(): Promise<Example | undefined> {
    try {
      const { done, value } = await this.#iterator.next();
      if (done) return undefined;
      this.read++;
      return value;
    } catch (cause) {
      throw errorAt(`Cannot load example ${this.read} of epoch ${this.epoch}`, cause);
    }
  }
}
