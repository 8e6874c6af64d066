import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";

import { readEventFile } from "../../support/tensorBoardReader.ts";
import { readWandbRecords } from "../../support/wandbReader.ts";
import { shownByTensorBoard, type ShownValue } from "./results.ts";
import { filesBelow } from "./wholeFiles.ts";

const script = path.join(import.meta.dirname, "officialReaders.py");

type Shown = Record<string, [step: number, content: unknown][]>;

/** What the script answers to each kind of question. */
interface Answers {
  events: unknown;
  shown: Shown;
  history: { remarks: string[]; records: number; rows: unknown };
}

/** What W&B's reader says of a log whose process has not come to its end. */
const tornEnd = /^# reached the end of an incomplete/;

/**
 * TensorBoard's and W&B's own readers, in a Python of the user's that has both packages. They must
 * find in a run's logs what our readers find, whole or torn.
 */
export class OfficialReaders {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #complaints = "";
  /** Logs that were read, of which kind. */
  readonly read = { events: 0, history: 0, shown: 0 };

  private constructor(python: string) {
    this.#process = spawn(python, [script]);
    this.#process.stderr.on("data", (bytes: Buffer) => (this.#complaints += bytes.toString()));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws {Error} when the Python lacks one of the packages, naming it */
  static async start(python: string): Promise<OfficialReaders> {
    const readers = new OfficialReaders(python);
    await Promise.race([
      readers.#nextLine(),
      new Promise((_, reject) => readers.#process.once("error", reject)),
    ]);
    return readers;
  }

  /** Reads every log below a folder. @throws {Error} naming the first that is read otherwise */
  async check(folder: string): Promise<void> {
    for (const name of filesBelow(folder)) {
      const file = path.join(folder, name);
      if (name.includes("tfevents")) await this.#checkEvents(file);
      if (name.endsWith(".wandb")) await this.#checkHistory(file);
    }
  }

  /** Looks at what TensorBoard shows of each run below a folder, sessions that were resumed included. */
  async checkShown(folder: string): Promise<void> {
    const logs = filesBelow(folder).filter((name) => name.includes("tfevents"));
    for (const name of new Set(logs.map((log) => path.dirname(log)))) {
      const logFolder = path.join(folder, name);
      const expected: Shown = {};
      for (const { tag, step, value } of shownByTensorBoard(logFolder)) {
        if (isSettings(tag)) continue;
        (expected[tag] ??= []).push([step, contentOf(value)]);
      }
      const shown = await this.#ask("shown", logFolder);
      const numbers = Object.entries(shown)
        .filter(([tag]) => !isSettings(tag))
        .map(([tag, values]) => [tag, lastOfStep(values)] as const);
      expectSame(logFolder, sortedSteps(Object.fromEntries(numbers)), sortedSteps(expected));
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    await ended;
  }

  async #checkEvents(file: string): Promise<void> {
    const events = readEventFile(file, { mayBeTorn: true }).map((event) => [
      event.step,
      event.sessionStatus ?? 0,
      event.values.map((value) => [value.tag, contentOf(value)]),
    ]);
    expectSame(file, await this.#ask("events", file), events);
  }

  async #checkHistory(file: string): Promise<void> {
    const records = readWandbRecords(file, { mayBeTorn: true });
    const rows = records.filter(({ kind }) => kind === "history").map(({ items }) => items);
    const { remarks, ...found } = await this.#ask("history", file);
    const odd = remarks.filter((remark) => !tornEnd.test(remark));
    if (odd.length > 0) throw new Error(`Cannot accept ${file}: W&B's reader says ${odd.join()}`);
    expectSame(file, found, { records: records.length, rows });
  }

  async #ask<Kind extends keyof Answers>(kind: Kind, file: string): Promise<Answers[Kind]> {
    this.#process.stdin.write(`${JSON.stringify({ kind, file })}\n`);
    const said: { answer: Answers[Kind]; error?: string } = JSON.parse(await this.#nextLine());
    const { answer, error } = said;
    if (error !== undefined) throw new Error(`Cannot read ${file} as its owner does: ${error}`);
    this.read[kind]++;
    return answer;
  }

  async #nextLine(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    throw new Error(
      `Cannot use TensorBoard's and W&B's readers: Python says ${this.#complaints.trim().split("\n").at(-1)}`,
    );
  }
}

/** Each process writes them anew. */
const isSettings = (tag: string): boolean => /^(_hparams_|custom_scalars)/.test(tag);

/** One value for each step, the last, as `shownByTensorBoard` has them. */
const lastOfStep = (values: readonly [number, unknown][]): [number, unknown][] => [
  ...new Map(values),
];

/** As the script gives it. */
function contentOf({ floats, doubles, strings }: ShownValue["value"]): unknown {
  if (strings.length > 0) return strings.map((bytes) => bytes.toString("hex"));
  const numbers = doubles.length > 0 ? Float64Array.from(doubles) : Float32Array.from(floats);
  return Buffer.from(numbers.buffer).toString("hex");
}

const sortedSteps = (shown: Shown): Shown =>
  Object.fromEntries(
    Object.entries(shown).map(([tag, values]) => [tag, values.toSorted(([a], [b]) => a - b)]),
  );

/** Keys in any order. */
function expectSame(file: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [textOf(actual), textOf(expected)];
  if (got === wanted) return;
  let at = 0;
  while (got[at] === wanted[at]) at++;
  const near = (text: string): string => text.slice(Math.max(0, at - 120), at + 120);
  throw new Error(
    `Cannot accept ${file}: its owner's reader finds …${near(got)}…, ours …${near(wanted)}…`,
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
