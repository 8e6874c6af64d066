import { hash32 } from "../base/random.ts";
import { inBuckets } from "./buckets.ts";
import type { Transport } from "./transport.ts";
import { WorkerError, type WorkerProblem } from "./workerError.ts";
import type { OwnedPart, World } from "./world.ts";

/** How long a worker that has failed waits for the others, so that all can end in order. */
const patienceMs = 60_000;
const silenceMs = 2000;

/** That one call of the network carries: lengths are ints there. */
const mostBytes = 2 ** 30;

/** Places of numbers of which all workers learn the largest when they meet. */
const slots = { place: 0, minusPlace: 1, hasFailed: 2, length: 3 };
const slotCount = Object.keys(slots).length;

/**
 * Workers that meet before they do anything together. A worker waits there, without computing, for
 * the slowest; what all learn there is whether they came for the same thing and whether one has
 * failed, so that none waits for what will never come.
 */
export class ConnectedWorld implements World {
  readonly rank: number;
  readonly size: number;
  readonly #transport: Transport;
  /** Whether all know that not all is well. */
  #isOver = false;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.rank = transport.rank;
    this.size = transport.size;
  }

  async sum(place: string, arrays: readonly Float32Array[]): Promise<void> {
    await this.#meet(`${place}, ${totalLength(arrays)} numbers`, 0);
    await inBuckets(arrays, (bucket) => this.#transport.sum(bucket));
  }

  async gather(place: string, text: string): Promise<readonly string[]> {
    const bytes = new TextEncoder().encode(text);
    return this.#exchange(bytes, await this.#meet(place, bytes.length));
  }

  async broadcast(place: string, arrays: readonly Uint8Array[]): Promise<void> {
    const parts = arrays.map((bytes) => ({ rank: 0, bytes }));
    await this.spread(place, parts);
  }

  async spread(place: string, parts: readonly OwnedPart[]): Promise<void> {
    const sizes = Array.from({ length: this.size }, (_, rank) =>
      totalLength(parts.filter((part) => part.rank === rank).map(({ bytes }) => bytes)),
    );
    await this.#meet(`${place}, ${sizes.join(" + ")} bytes`, 0);
    for (const { rank, bytes } of parts) {
      for (let start = 0; start < bytes.length; start += mostBytes) {
        await this.#transport.broadcast(bytes.subarray(start, start + mostBytes), rank);
      }
    }
  }

  /**
   * The last call: all workers leave together, once every one has come here.
   *
   * @param problem why this worker ends before its work is done
   * @param onWait called when the others do not come soon to hear of the problem
   * @param onParting called with what is returned while all are still there: a launcher may end the
   *   others as soon as one has left
   * @returns why they part, this worker's problem included, if all is not well
   * @throws {Error} when the others do not come at all: then only `abort` is left
   */
  async end(
    problem?: WorkerProblem,
    onWait: () => void = () => {},
    onParting: (reason: Error | undefined) => void = () => {},
  ): Promise<Error | undefined> {
    const waiting = problem && !problem.isInterrupted ? patience(onWait) : undefined;
    const reason = this.#isOver ? undefined : await this.#part(problem, waiting?.isPatient);
    waiting?.stop();
    onParting(reason);
    if (this.#isOver) await this.#transport.meet(emptySlots());
    this.#transport.finalize();
    return reason;
  }

  /** Ends all workers at once. */
  abort(exitCode: number): void {
    this.#transport.abort(exitCode);
  }

  async #part(problem?: WorkerProblem, isPatient?: () => boolean): Promise<Error | undefined> {
    try {
      await this.#meet("the end", 0, problem, isPatient);
      return undefined;
    } catch (error) {
      if (this.#isOver && error instanceof Error) return error;
      throw error;
    }
  }

  /**
   * @returns the largest length that any worker gave
   * @throws {WorkerError} when one has failed
   */
  async #meet(
    place: string,
    length: number,
    problem?: WorkerProblem,
    isPatient?: () => boolean,
  ): Promise<number> {
    if (this.#isOver) throw new Error(`Cannot go on to ${place}: the workers are parting`);
    const numbers = emptySlots();
    const key = hash32(place);
    numbers.set([key, -key, problem ? 1 : 0, length]);
    await this.#transport.meet(numbers, isPatient);
    if (numbers[slots.hasFailed] === 1) {
      this.#isOver = true;
      throw firstProblem(await this.#texts(problem ? JSON.stringify(problem) : ""));
    }
    if (numbers[slots.place] !== key || numbers[slots.minusPlace] !== -key) {
      this.#isOver = true;
      throw new Error(describePlaces(await this.#texts(place)));
    }
    return numbers[slots.length]!;
  }

  /** Every worker's text, though none knows how long the others' are. */
  async #texts(text: string): Promise<string[]> {
    const bytes = new TextEncoder().encode(text);
    const numbers = emptySlots();
    numbers[slots.length] = bytes.length;
    await this.#transport.meet(numbers);
    return this.#exchange(bytes, numbers[slots.length]!);
  }

  async #exchange(bytes: Uint8Array, longest: number): Promise<string[]> {
    const table = new Uint8Array(new ArrayBuffer(Math.max(1, this.size * longest)));
    table.set(bytes, this.rank * longest);
    await this.#transport.or(table);
    return Array.from({ length: this.size }, (_, rank) => {
      const row = table.subarray(rank * longest, (rank + 1) * longest);
      const end = row.indexOf(0); // texts have no such byte
      return new TextDecoder().decode(end < 0 ? row : row.subarray(0, end));
    });
  }
}

const emptySlots = (): Float64Array => new Float64Array(new ArrayBuffer(8 * slotCount));

function totalLength(arrays: readonly { readonly length: number }[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0);
}

function firstProblem(texts: readonly string[]): WorkerError {
  const problems = texts.map((text): WorkerProblem | undefined =>
    text === "" ? undefined : JSON.parse(text),
  );
  return new WorkerError(problems);
}

function describePlaces(places: readonly string[]): string {
  const other = places.findIndex((place) => place !== places[0]);
  return `Cannot go on together: rank 0 is at "${places[0]}", rank ${other} at "${places[other]}"; all workers must do the same in the same order`;
}

function patience(onWait: () => void): { isPatient: () => boolean; stop: () => void } {
  const start = performance.now();
  const timer = setTimeout(onWait, silenceMs);
  return {
    isPatient: () => performance.now() - start < patienceMs,
    stop: () => clearTimeout(timer),
  };
}
