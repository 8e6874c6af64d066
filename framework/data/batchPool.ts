import { errorAt } from "../base/errors.ts";
import type { HostBatch } from "../base/hostTensor.ts";

/** What there is at a place of an epoch. */
export type BatchAnswer =
  | { readonly kind: "batch"; readonly batch: HostBatch }
  /** The epoch has only `length` batches. */
  | { readonly kind: "end"; readonly length: number };

/** Makes one batch at a time. */
export interface BatchMaker {
  make(epoch: number, index: number): Promise<BatchAnswer>;
}

/** One batch that was asked for, or that may be asked for soon. */
interface Entry {
  readonly epoch: number;
  readonly index: number;
  state: "waiting" | "running" | "done";
  /** Calls that wait for it; while there are any it stays. */
  callers: number;
  readonly answer: Promise<BatchAnswer>;
  readonly resolve: (answer: BatchAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Shares batches out among makers and has them made ahead, in the order of the epoch. What was
 * made ahead is dropped when a batch elsewhere is asked for.
 */
export class BatchPool {
  readonly #idle: BatchMaker[];
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();
  #running = 0;
  #failure: Error | undefined;
  #ended: { readonly epoch: number; readonly length: number } | undefined;
  /** Batches of every epoch, once known. */
  length: number | undefined;

  /** @param limit batches that are being made, or made and not yet taken, at any time */
  constructor(makers: readonly BatchMaker[], limit: number) {
    this.#idle = [...makers];
    this.#limit = limit;
  }

  /** The answer for a place; a batch is handed over, and the next ones are begun. */
  async take(epoch: number, index: number): Promise<BatchAnswer> {
    const entry = this.#want(epoch, index);
    try {
      return await entry.answer;
    } finally {
      if (this.#entries.get(keyOf(entry)) === entry) this.#entries.delete(keyOf(entry));
      this.#release(entry);
    }
  }

  /** The answer for a place, which stays here to be taken. */
  async peek(epoch: number, index: number): Promise<BatchAnswer> {
    const entry = this.#want(epoch, index);
    try {
      return await entry.answer;
    } finally {
      this.#release(entry);
    }
  }

  /** Batches of the latest epoch whose end was met; Infinity before. */
  get lengthSeen(): number {
    return this.#ended?.length ?? Infinity;
  }

  /** Every call fails from now on, and those that wait. */
  fail(cause: Error): void {
    this.#failure ??= cause;
    for (const entry of this.#entries.values()) entry.reject(failureAt(entry, this.#failure));
    this.#entries.clear();
  }

  #want(epoch: number, index: number): Entry {
    if (this.#failure) throw failureAt({ epoch, index }, this.#failure);
    this.#dropElsewhere(epoch, index);
    const entry = this.#entryAt(epoch, index);
    entry.callers++;
    const ended = this.#ended?.epoch === epoch ? this.#ended.length : Infinity;
    const last = Math.min(index + this.#limit, (this.length ?? ended) - 1);
    for (let next = index + 1; next <= last; next++) {
      this.#entryAt(epoch, next);
    }
    this.#pump();
    return entry;
  }

  #release(entry: Entry): void {
    entry.callers--;
    this.#pump();
  }

  #entryAt(epoch: number, index: number): Entry {
    const key = keyOf({ epoch, index });
    const entry = this.#entries.get(key) ?? newEntry(epoch, index);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Drops what nobody waits for, unless it follows a place closely. */
  #dropElsewhere(epoch: number, index: number): void {
    for (const [key, entry] of this.#entries) {
      const isAhead = entry.epoch === epoch && entry.index >= index;
      if (isAhead && entry.index <= index + this.#limit) continue;
      if (entry.callers === 0) this.#entries.delete(key);
    }
  }

  #pump(): void {
    while (!this.#failure && this.#idle.length > 0) {
      const waiting = [...this.#entries.values()].filter(({ state }) => state === "waiting");
      const entry = waiting.find(({ callers }) => callers > 0) ?? waiting[0];
      if (!entry || !this.#makeRoom(entry)) return;
      this.#run(this.#idle.shift()!, entry);
    }
  }

  /** Whether one more may be made; for a caller, a batch that was made ahead gives way. */
  #makeRoom(entry: Entry): boolean {
    const made = [...this.#entries].filter(([, { state }]) => state === "done");
    if (this.#running + made.length < this.#limit) return true;
    const last = made.findLast(([, { callers }]) => callers === 0);
    if (!last || entry.callers === 0) return false;
    return this.#entries.delete(last[0]);
  }

  #run(maker: BatchMaker, entry: Entry): void {
    entry.state = "running";
    this.#running++;
    const made = maker.make(entry.epoch, entry.index).then(
      (answer) => {
        if (answer.kind === "end") this.#ended = { epoch: entry.epoch, length: answer.length };
        entry.resolve(answer);
      },
      (cause: unknown) => entry.reject(failureAt(entry, cause)),
    );
    void made.then(() => {
      entry.state = "done";
      this.#running--;
      this.#idle.push(maker);
      this.#pump();
    });
  }
}

interface Place {
  readonly epoch: number;
  readonly index: number;
}

const keyOf = ({ epoch, index }: Place): string => `${epoch}/${index}`;

function failureAt({ epoch, index }: Place, cause: unknown): Error {
  return errorAt(`Cannot make batch ${index} of epoch ${epoch}`, cause);
}

function newEntry(epoch: number, index: number): Entry {
  let resolve: Entry["resolve"] = () => {};
  let reject: Entry["reject"] = () => {};
  const answer = new Promise<BatchAnswer>((onAnswer, onError) => {
    resolve = onAnswer;
    reject = onError;
  });
  answer.catch(() => {}); // told to whoever takes it
  return { epoch, index, state: "waiting", callers: 0, answer, resolve, reject };
}
