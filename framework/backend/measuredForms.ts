import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { RandomStream } from "../base/random.ts";
import { describeShape, sizeOf } from "../base/shape.ts";
import { Graph, programFor, type GraphValue, type OutputInfo } from "../graph/graph.ts";
import type { Form, Forms } from "../onnx/forms.ts";
import { GraphBuilder, type Target } from "../onnx/lowering.ts";
import { loadRuntime } from "../runtime/ortLibrary.ts";
import type { Binding, RuntimeValue } from "../runtime/session.ts";
import { newValue } from "./hostValue.ts";
import type { Sessions } from "./sessions.ts";

/** How often each form is timed, in turns; the least time counts. */
const rounds = 5;

/** The form that was the fastest, by what is computed. */
type Remembered = Record<string, string>;

/**
 * Chooses between ways to compute the same by measuring each once, and remembers in a file which
 * was the fastest, by processor and number of threads. So all runs on a machine compute alike once
 * the file knows their shapes; without it, two of them may differ in the last digits.
 */
export class MeasuredForms {
  readonly #file: string;
  readonly #sessions: Sessions;
  readonly #target: Target;
  readonly #machine: string;
  readonly #machines: Record<string, Remembered>;

  /** @throws {InputError} when the file is not what this class writes */
  constructor(file: string, sessions: Sessions, target: Target) {
    this.#file = file;
    this.#sessions = sessions;
    this.#target = target;
    const { threads, version } = loadRuntime();
    this.#machine = `${cpus()[0]?.model ?? "unknown"}, ${threads} threads, ONNX Runtime ${version}`;
    this.#machines = existsSync(file) ? readMachines(file) : {};
  }

  /** Name of the fastest form; measures where no run did before. */
  choose({ work, forms }: Forms, inputs: readonly OutputInfo[]): string {
    const remembered = (this.#machines[this.#machine] ??= {});
    const shapes = inputs.map(({ shape, dtype }) => `${dtype}${describeShape(shape)}`);
    const key = [work, ...shapes].join(", ");
    const known = remembered[key];
    if (known !== undefined && known in forms) return known;
    const fastest = this.#measure(forms, inputs);
    remembered[key] = fastest;
    writeFileAtomic(this.#file, `${JSON.stringify(this.#machines, undefined, 2)}\n`);
    return fastest;
  }

  #measure(forms: Forms["forms"], inputs: readonly OutputInfo[]): string {
    const graph = new Graph();
    const places = inputs.map(({ dtype, shape }) => graph.input(dtype, shape));
    const values = new Map(places.map((place, i) => [place, normalValue(place, `${i}`)]));
    const contenders = Object.entries(forms).map(([name, form]) => {
      const builder = new GraphBuilder(graph, this.#target);
      return { name, ...this.#prepare(form, builder, places, values), least: Infinity };
    });
    for (let round = 0; round <= rounds; round++) {
      for (const contender of contenders) {
        const start = performance.now();
        contender.binding.run();
        const time = performance.now() - start;
        if (round > 0) contender.least = Math.min(contender.least, time);
      }
    }
    for (const { release } of contenders) release();
    return contenders.reduce((best, each) => (each.least < best.least ? each : best)).name;
  }

  #prepare(
    form: Form,
    builder: GraphBuilder,
    places: readonly GraphValue[],
    values: ReadonlyMap<GraphValue, RuntimeValue>,
  ): { binding: Binding; release: () => void } {
    const program = programFor([form(builder, places)]);
    const session = this.#sessions.make(program, "all");
    const binding = session.bind(
      program.inputs.map((input) => values.get(input)!),
      program.outputs.map((output) => newValue(output)),
    );
    return { binding, release: () => this.#sessions.release(session) };
  }
}

/** Normal numbers: zeros and denormal ones take other times. */
function normalValue(place: GraphValue, stream: string): RuntimeValue {
  const value = newValue(place);
  value.array.set(new RandomStream(0, stream).normals(sizeOf(place.shape)));
  return value;
}

function readMachines(file: string): Record<string, Remembered> {
  const damaged = `Cannot read which forms are the fastest: ${file} is damaged; delete it`;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new InputError(damaged, { cause });
  }
  if (isMachines(content)) return content;
  throw new InputError(damaged);
}

function isMachines(content: unknown): content is Record<string, Remembered> {
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
  if (!isObject(content)) return false;
  return Object.values(content).every(
    (forms: unknown) =>
      isObject(forms) && Object.values(forms).every((name) => typeof name === "string"),
  );
}
