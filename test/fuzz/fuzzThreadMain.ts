/** @file The thread that reads inputs: makes them, keeps those that run what had not run before. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";

import { RandomStream } from "../../framework/base/random.ts";
import { isDocumented, pollutedObject, signatureOf, strangePrototype } from "./checks.ts";
import { BlockCoverage, type FreshPlaces } from "./coverage.ts";
import type { FuzzTarget } from "./fuzzTarget.ts";
import {
  Progress,
  type FuzzFailure,
  type TargetResult,
  type ThreadData,
  type ThreadMessage,
} from "./messages.ts";
import { mutate } from "./mutate.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** Inputs between two looks at what has run: few while there is often something new. */
const [leastBatch, mostBatch] = [16, 512];
/** Heap with which a thread is followed by another. */
const tiredBytes = 400 * 2 ** 20;
/** Memory outside of the heap that one input may take. */
const mostBytes = 256 * 2 ** 20;
/** Tries to make a failing input smaller. */
const smallerTries = 400;

const data: ThreadData = workerData;
const progress = new Progress(data.progress);
const tell = (message: ThreadMessage): void => parentPort!.postMessage(message);

class Fuzzer {
  readonly #target: FuzzTarget;
  readonly #coverage: BlockCoverage;
  readonly #corpus: Uint8Array[];
  readonly #told = new Set<string>();
  /** What the last input was refused with, if it was. */
  #refusal: unknown;
  #slowestMs = 0;

  constructor(target: FuzzTarget, coverage: BlockCoverage, corpus: readonly Uint8Array[]) {
    this.#target = target;
    this.#coverage = coverage;
    this.#corpus = [...target.seeds, ...corpus];
  }

  /** Reads a few inputs at least, however late it is. @param from number of the first */
  async run(from: number, endMs: number): Promise<TargetResult | undefined> {
    const startMs = performance.now();
    const { name, seeds } = this.#target;
    await this.#trySeeds();
    const failed = from === 0 ? regressions(name) : [];
    await this.#tryAll([...this.#corpus.slice(seeds.length), ...failed]);
    progress.restart(from);
    this.#coverage.look();
    const first = this.#corpus.length;
    for (
      let [at, count] = [from, leastBatch];
      at < data.inputs && (at === from || Date.now() < endMs);
    ) {
      const made = this.#make(at, Math.min(count, data.inputs - at));
      await this.#tryAll(made);
      const fresh = this.#coverage.look();
      if (fresh.size > 0) await this.#keepNew(made, fresh);
      at += made.length;
      count = fresh.size > 0 ? leastBatch : Math.min(mostBatch, 2 * count);
      if (getHeapStatistics().used_heap_size > tiredBytes) {
        tell({ kind: "tired", next: at });
        return undefined;
      }
    }
    await this.#target.close?.();
    const seconds = (performance.now() - startMs) / 1000;
    const kept = this.#corpus.length - first;
    const numbers = { inputs: progress.done, kept, covered: this.#coverage.size };
    return { target: name, ...numbers, seconds, slowestMs: this.#slowestMs };
  }

  #make(from: number, count: number): Uint8Array[] {
    const { name, words = [], mostBytes: longest = 4096 } = this.#target;
    const random = new RandomStream(data.seed, `fuzz ${name}`, from);
    const encoded = words.map((word) => new TextEncoder().encode(word));
    const options = { random, corpus: this.#corpus, words: encoded, mostBytes: longest };
    return Array.from({ length: count }, () => mutate(this.#chosen(random), options));
  }

  /** Later ones, which run what few do, are likelier. */
  #chosen(random: RandomStream): Uint8Array {
    const count = this.#corpus.length;
    const at = Math.max(random.integer(count), random.integer(count));
    return this.#corpus[at] ?? new Uint8Array();
  }

  /** Finds the inputs of a batch that ran something new, by reading halves of it again. */
  async #keepNew(batch: readonly Uint8Array[], fresh: FreshPlaces): Promise<void> {
    for (const input of batch) await this.#read(input);
    const isOne = batch.length === 1;
    if (!this.#coverage.takeFrom(fresh, { keep: !isOne })) return;
    if (isOne) {
      this.#corpus.push(batch[0]!);
      return tell({ kind: "found", input: batch[0]! });
    }
    const half = batch.length >> 1;
    await this.#keepNew(batch.slice(0, half), fresh);
    if (fresh.size > 0) await this.#keepNew(batch.slice(half), fresh);
  }

  /** What is made of nothing but refused inputs would be refused as well. */
  async #trySeeds(): Promise<void> {
    const { seeds } = this.#target;
    const refusals: unknown[] = [];
    for (const seed of seeds) {
      await this.#tryAll([seed]);
      if (this.#refusal !== undefined) refusals.push(this.#refusal);
    }
    if (seeds.length === 0 || refusals.length < seeds.length) return;
    const signature = `refuses every seed: ${signatureOf(refusals[0])}`;
    this.#tell({ signature, detail: traceOf(refusals[0]), input: seeds[0]! });
  }

  async #tryAll(inputs: readonly Uint8Array[]): Promise<void> {
    for (const input of inputs) {
      const problem = await this.#try(input);
      progress.end();
      if (!problem || this.#told.has(problem.signature)) continue;
      this.#told.add(problem.signature);
      this.#tell(await this.#smaller(problem));
    }
  }

  #tell(failure: FuzzFailure): void {
    tell({ kind: "failed", target: this.#target.name, failure });
  }

  async #try(input: Uint8Array): Promise<FuzzFailure | undefined> {
    const before = getHeapStatistics().external_memory;
    const cpu = process.cpuUsage();
    const error = await this.#read(input);
    const { user, system } = process.cpuUsage(cpu);
    const milliseconds = (user + system) / 1000;
    this.#slowestMs = Math.max(this.#slowestMs, milliseconds);
    const polluted = pollutedObject();
    if (polluted !== undefined) return { signature: "pollution", detail: polluted, input };
    if (error) return { ...error, input };
    const limit = (this.#target.mostSeconds ?? 2) * 1000;
    if (milliseconds > limit) {
      return { signature: "slow", detail: `it took ${Math.round(milliseconds)} ms`, input };
    }
    const grown = getHeapStatistics().external_memory - before;
    if (grown < mostBytes) return undefined;
    return { signature: "memory", detail: `it took ${Math.round(grown / 2 ** 20)} MiB`, input };
  }

  /** @returns what is wrong with the error or the result, if something is */
  async #read(input: Uint8Array): Promise<Omit<FuzzFailure, "input"> | undefined> {
    progress.begin(input);
    this.#refusal = undefined;
    try {
      const running: unknown = this.#target.run(input);
      const result = running instanceof Promise ? await running : running;
      const place = strangePrototype(result);
      return place === undefined
        ? undefined
        : { signature: "prototype", detail: `${place} has a prototype of the input's` };
    } catch (error) {
      this.#refusal = error;
      if (isDocumented(error) || this.#target.expects?.(error)) return undefined;
      return { signature: signatureOf(error), detail: traceOf(error) };
    }
  }

  /** Takes parts of the input away for as long as it fails in the same way. */
  async #smaller(failure: FuzzFailure): Promise<FuzzFailure> {
    let { input } = failure;
    let tries = failure.signature === "slow" ? 12 : smallerTries;
    for (let part = input.length >> 1; part >= 1 && tries > 0; part >>= 1) {
      for (let at = 0; at < input.length && tries > 0; tries--) {
        const shorter = Buffer.concat([input.subarray(0, at), input.subarray(at + part)]);
        const found = await this.#try(shorter);
        if (found?.signature === failure.signature) input = shorter;
        else at += part;
      }
    }
    return { ...failure, input };
  }
}

const traceOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** Inputs that once failed. */
function regressions(target: string): Uint8Array[] {
  if (data.input !== undefined) return [readFileSync(data.input)];
  const folder = path.join(import.meta.dirname, "corpus", target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
}

const coverage = new BlockCoverage(); // before parsers are loaded
for (const [i, name] of data.targets.entries()) {
  const { target }: { target: FuzzTarget } = await import(`./targets/${name}.ts`);
  const share = (data.endMs - Date.now()) / (data.targets.length - i);
  coverage.watch(root, target.covers);
  const fuzzer = new Fuzzer(target, coverage, i === 0 ? data.corpus : []);
  const result = await fuzzer.run(i === 0 ? data.from : 0, Date.now() + share);
  if (!result) process.exit();
  tell({ kind: "ended", result });
}
