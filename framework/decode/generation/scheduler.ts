import type { PrefixCache } from "../prefixCache.ts";
import { FairQueue } from "./fairQueue.ts";
import { checkGenerateOptions } from "./generateOptions.ts";
import type {
  GeneratedToken,
  GenerateOptions,
  GenerationPrompt,
  GenerationTarget,
} from "./generation.ts";
import { meanwhile } from "./meanwhile.ts";
import { feedPart, prefixKeysOf } from "./promptParts.ts";
import { TextInProgress } from "./textInProgress.ts";
import { TokenStream } from "./tokenStream.ts";

export interface SchedulerOptions {
  /** Beginnings of texts that were computed before, of the same engine. */
  readonly prefixes?: PrefixCache;
  /** Most tokens of a prompt that are read between two steps of the other texts. Default: 128. */
  readonly chunk?: number;
  /** Most texts of one owner that wait for a row. Default: 64. */
  readonly mostWaiting?: number;
}

export interface ScheduledText extends Pick<
  GenerateOptions,
  | "maxNewTokens"
  | "stopTokens"
  | "isComplete"
  | "processors"
  | "seed"
  | "logProbabilities"
  | "signal"
> {
  readonly prompt: GenerationPrompt;
  /** Its number among the texts of one request: each draws tokens of its own. Default: 0. */
  readonly number?: number;
  /** Whose it is: those who wait take turns. Default: nobody's. */
  readonly owner?: string;
}

/** What a scheduler is doing. */
export interface SchedulerReport {
  readonly running: number;
  readonly waiting: number;
  readonly finished: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** No more texts are taken: too many wait already. */
export class SchedulerFullError extends Error {
  override readonly name = "SchedulerFullError";
}

interface Job {
  readonly text: TextInProgress;
  readonly options: ScheduledText;
  readonly stream: TokenStream<GeneratedToken>;
  /** Tokens of the prompt that its row has. */
  read: number;
  row: number;
}

/**
 * Continues texts that come at any time, as many at once as an engine has rows: a text begins as soon
 * as a row is free, and its prompt is read in parts, so that the others never wait for all of it.
 * Texts do not depend on each other, but for the rounding of sums that are made together.
 *
 * The engine belongs to the scheduler: nothing else may use its rows.
 *
 * Source: Yu et al. 2022, "Orca: a distributed serving system for transformer-based generative
 * models", section 3 (iteration-level scheduling); Agrawal et al. 2023, arXiv:2308.16369 (prompts in
 * parts).
 */
export class Scheduler {
  readonly #engine: GenerationTarget;
  readonly #prefixes: PrefixCache | undefined;
  readonly #chunk: number;
  readonly #mostWaiting: number;
  readonly #waiting = new FairQueue<Job>();
  /** By their rows. */
  readonly #running = new Map<number, Job>();
  #loop: Promise<void> | undefined;
  #isClosed = false;
  readonly #counts = { finished: 0, promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

  constructor(
    engine: GenerationTarget,
    { prefixes, chunk = 128, mostWaiting = 64 }: SchedulerOptions = {},
  ) {
    if (!Number.isInteger(chunk) || chunk < 1) {
      throw new RangeError(`Cannot schedule texts: expected chunk >= 1, got ${chunk}`);
    }
    this.#engine = engine;
    this.#prefixes = prefixes;
    this.#chunk = chunk;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Continues a text; whoever stops reading its tokens, or aborts, ends it.
   *
   * @returns tokens as they come
   * @throws {RangeError} for options that do not fit the engine, before anything runs
   * @throws {SchedulerFullError} when as many texts wait as may
   */
  add(options: ScheduledText): AsyncIterable<GeneratedToken> {
    if (this.#isClosed) throw new RangeError("Cannot continue a text: the scheduler is closed");
    checkGenerateOptions(this.#engine, { ...options, prompts: [options.prompt] });
    options.signal?.throwIfAborted();
    const { number = 0, prompt, owner = "" } = options;
    const free = Math.max(0, this.#engine.rows - this.#running.size);
    const behind = this.#waiting.sizeOf(owner) - free;
    if (behind >= this.#mostWaiting) {
      throw new SchedulerFullError(
        `Cannot continue a text: ${behind} wait for a row already, the most that may`,
      );
    }
    const text = new TextInProgress(number, prompt, options, this.#engine.capacity);
    const job: Job = { text, options, stream: new TokenStream(), read: 0, row: -1 };
    this.#waiting.push(owner, job);
    this.#loop ??= this.#run();
    return job.stream;
  }

  /** Most texts at a time, on rows and waiting, of an owner who is alone. */
  get mostTexts(): number {
    return this.#engine.rows + this.#mostWaiting;
  }

  report(): SchedulerReport {
    return { running: this.#running.size, waiting: this.#waiting.size, ...this.#counts };
  }

  /** Takes no more texts, and waits until those that are there have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.size > 0 || this.#running.size > 0) await this.#round();
    } finally {
      this.#loop = undefined; // at once: who adds a text next has to begin another
    }
  }

  async #round(): Promise<void> {
    await new Promise(setImmediate); // whoever sends or leaves is heard between two runs
    await this.#dropEnded();
    for (let row = 0; row < this.#engine.rows && this.#waiting.size > 0; row++) {
      if (!this.#running.has(row)) await this.#begin(row, this.#waiting.shift()!);
    }
    const reading = [...this.#running.values()].find((job) => !isRead(job));
    if (reading) await this.#guarded(reading, () => this.#read(reading));
    await this.#step([...this.#running.values()].filter((job) => isRead(job) && job !== reading));
  }

  async #dropEnded(): Promise<void> {
    const isOver = ({ options, stream }: Job): boolean =>
      stream.isEnded || options.signal?.aborted === true;
    for (const job of this.#waiting.remove(isOver)) job.stream.fail(reasonOf(job));
    for (const [row, job] of this.#running) {
      if (!isOver(job)) continue;
      job.stream.fail(reasonOf(job));
      await this.#free(row);
    }
  }

  async #free(row: number): Promise<void> {
    this.#running.delete(row);
    await this.#engine.reset(row);
  }

  async #begin(row: number, job: Job): Promise<void> {
    job.row = row;
    this.#running.set(row, job);
    await this.#guarded(job, async () => {
      const { tokens } = job.text.prompt;
      const keys = prefixKeysOf(job.text.prompt);
      if (keys && this.#prefixes) job.text.cachedTokens = await this.#prefixes.restore(row, keys);
      else await this.#engine.reset(row);
      job.read = job.text.cachedTokens;
      this.#counts.promptTokens += tokens.length;
      this.#counts.cachedTokens += job.read;
    });
  }

  /** Reads a part of a prompt; its last part gives the first token. */
  async #read(job: Job): Promise<void> {
    const { prompt } = job.text;
    const [from, last] = [job.read, prompt.tokens.length];
    const end = Math.min(last, from + this.#chunk);
    const logitsFrom = end === last ? end - from - 1 : end - from;
    const part = feedPart(this.#engine, job.row, prompt, from, end, { logitsFrom });
    const [logits] = await meanwhile(part, () => {
      if (end === last) job.text.prepare();
    });
    job.read = end;
    if (end < last) return;
    const keys = prefixKeysOf(prompt);
    if (keys) await this.#prefixes?.store(job.row, keys);
    await this.#put(job, logits!);
  }

  /** The next token of texts whose prompts are read. */
  async #step(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    const rows = jobs.map(({ row, text }) => ({ row, token: text.last }));
    try {
      const logits = await meanwhile(this.#engine.step(rows), () => {
        for (const { text } of jobs) text.prepare();
      });
      for (const [i, job] of jobs.entries()) {
        await this.#guarded(job, () => this.#put(job, logits[i]!));
      }
    } catch (cause) {
      for (const job of jobs) await this.#fail(job, cause);
    }
  }

  async #put(job: Job, logits: Float32Array): Promise<void> {
    const token = job.text.add(logits);
    this.#counts.completionTokens++;
    job.stream.push(token);
    if (!job.text.isFinished) return;
    this.#counts.finished++;
    job.stream.end();
    await this.#free(job.row);
  }

  /** What goes wrong with one text ends that one alone. */
  async #guarded(job: Job, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      await this.#fail(job, cause);
    }
  }

  async #fail(job: Job, cause: unknown): Promise<void> {
    job.stream.fail(cause);
    if (this.#running.get(job.row) === job) await this.#free(job.row);
  }
}

const isRead = ({ read, text }: Job): boolean => read === text.prompt.tokens.length;

const reasonOf = ({ options }: Job): unknown =>
  options.signal?.aborted === true ? options.signal.reason : undefined;
