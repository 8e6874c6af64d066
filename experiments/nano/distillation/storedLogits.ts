import { closeSync, openSync, readSync, statSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import {
  hostTensor,
  ignoredLabel,
  RandomStream,
  stackExamples,
  topKLogits,
  toTensors,
  type Compile,
  type Dataset,
  type Decoder,
  type HostTensor,
} from "seedbed";

import { logitsOf } from "../decoderModule.ts";
import { buildParts, partFile, type BuildOptions, type PartFiles } from "./partFiles.ts";

type Example = Readonly<Record<string, HostTensor>>;

/** Vocabulary whose numbers fit into two bytes. */
export const mostStoredTokens: number = 2 ** 16;

/** Rows of a file, and those that the teacher reads at a time. */
const rowsOfPart = 64;
const rowsOfRun = 8;

export interface StoredLogitsOptions extends Omit<BuildOptions, "what"> {
  /** Packed rows; the same ones, in the same order, whenever the folder is used. */
  readonly dataset: Dataset;
  /** How many logits are kept of each token. */
  readonly k: number;
  /** Named after the teacher and the rows. */
  readonly folder: string;
  readonly compile: Compile;
}

/** Where each row's logits are. */
interface Layout extends PartFiles {
  readonly k: number;
  /** Tokens that were kept before each row, of all rows; one more for the end. */
  readonly before: Uint32Array;
}

/**
 * Rows with a teacher's largest logits, which it is asked for once: those at tokens after which one
 * is learnt. The first use writes them, `6 k` bytes for each: a float and two bytes that say of
 * which token. They are what the teacher gives when it runs beside its student.
 *
 * @returns the dataset, with `teacherValues` float32 and `teacherIndices` int32 `[tokens, k]`, zeros
 *   where nothing is learnt
 */
export async function withStoredLogits(
  teacher: () => Decoder,
  { dataset, k, folder, compile, ...options }: StoredLogitsOptions,
): Promise<Dataset> {
  const before = await countKept(dataset);
  const count = Math.ceil(dataset.length / rowsOfPart);
  const layout: Layout = { folder, count, k, before };
  let asked: AskedTeacher | undefined;
  try {
    const make = (part: number): Promise<Uint8Array> =>
      partOf((asked ??= askTeacher(teacher(), k, compile)), dataset, layout, part);
    await buildParts(layout, make, { ...options, what: "the teacher's logits" });
  } finally {
    asked?.dispose();
  }
  for (let part = 0; part < count; part++) checkSize(layout, part, dataset.length);
  return {
    length: dataset.length,
    async get(index, random) {
      const row = await dataset.get(index, random);
      return { ...row, ...storedEntries(layout, row, index) };
    },
  };
}

/** Whether the token after each is learnt. */
function keptPlaces({ labels }: Example): number[] {
  const { values } = labels!;
  const places: number[] = [];
  for (let i = 1; i < values.length; i++) if (values[i] !== ignoredLabel) places.push(i - 1);
  return places;
}

async function countKept(dataset: Dataset): Promise<Uint32Array> {
  const before = new Uint32Array(dataset.length + 1);
  for (let row = 0; row < dataset.length; row++) {
    before[row + 1] = before[row]! + keptPlaces(await rowAt(dataset, row)).length;
  }
  return before;
}

/** Packed rows draw nothing. */
const rowAt = async (dataset: Dataset, row: number): Promise<Example> =>
  dataset.get(row, new RandomStream(0, "rows", row));

/** Values of all rows, then indices of all. */
async function partOf(
  teacher: AskedTeacher,
  dataset: Dataset,
  { k, before }: Layout,
  part: number,
): Promise<Uint8Array> {
  const [first, end] = [part * rowsOfPart, Math.min((part + 1) * rowsOfPart, dataset.length)];
  const total = (before[end]! - before[first]!) * k;
  const values = new Float32Array(total);
  const indices = new Uint16Array(total);
  let done = 0;
  for (let row = first; row < end; row += rowsOfRun) {
    const numbers = Array.from({ length: Math.min(rowsOfRun, end - row) }, (_, i) => row + i);
    const rows = await Promise.all(numbers.map((each) => rowAt(dataset, each)));
    const said = await teacher.ask(rows);
    for (const [i, each] of rows.entries()) {
      const tokens = each["ids"]!.values.length;
      for (const place of keptPlaces(each)) {
        const from = (i * tokens + place) * k;
        values.set(said.values.subarray(from, from + k), done);
        indices.set(said.indices.subarray(from, from + k), done);
        done += k;
      }
    }
  }
  return Buffer.concat([new Uint8Array(values.buffer), new Uint8Array(indices.buffer)]);
}

interface Largest {
  readonly values: Float32Array;
  readonly indices: Int32Array;
}

/** A teacher's largest logits after each token of some rows. */
interface AskedTeacher {
  ask(rows: readonly Example[]): Promise<Largest>;
  dispose(): void;
}

function askTeacher(teacher: Decoder, k: number, compile: Compile): AskedTeacher {
  const step = compile((batch: tf.NamedTensorMap) => ({
    ...topKLogits(logitsOf(teacher, batch), k),
  }));
  return {
    async ask(rows) {
      const batch = toTensors(stackExamples(rows));
      const { values, indices } = await step(batch);
      try {
        return { values: await values!.data<"float32">(), indices: await indices!.data<"int32">() };
      } finally {
        tf.dispose([batch, values!, indices!]);
      }
    },
    dispose() {
      step.dispose();
      teacher.dispose();
    },
  };
}

function storedEntries(
  layout: Layout,
  row: Example,
  index: number,
): { teacherValues: HostTensor; teacherIndices: HostTensor } {
  const { k } = layout;
  const tokens = row["ids"]!.values.length;
  const [values, indices] = [new Float32Array(tokens * k), new Int32Array(tokens * k)];
  const kept = readRow(layout, index);
  for (const [i, place] of keptPlaces(row).entries()) {
    values.set(kept.values.subarray(i * k, (i + 1) * k), place * k);
    indices.set(kept.indices.subarray(i * k, (i + 1) * k), place * k);
  }
  return {
    teacherValues: hostTensor(values, [tokens, k]),
    teacherIndices: hostTensor(indices, [tokens, k]),
  };
}

function readRow(layout: Layout, row: number): { values: Float32Array; indices: Uint16Array } {
  const { k, before } = layout;
  const part = Math.floor(row / rowsOfPart);
  const [first, end] = [part * rowsOfPart, Math.min((part + 1) * rowsOfPart, before.length - 1)];
  const all = (before[end]! - before[first]!) * k;
  const from = (before[row]! - before[first]!) * k;
  const count = (before[row + 1]! - before[row]!) * k;
  const [values, indices] = [new Float32Array(count), new Uint16Array(count)];
  const handle = openSync(partFile(layout, part), "r");
  try {
    readSync(handle, values, 0, values.byteLength, 4 * from);
    readSync(handle, indices, 0, indices.byteLength, 4 * all + 2 * from);
  } finally {
    closeSync(handle);
  }
  return { values, indices };
}

function checkSize(layout: Layout, part: number, rows: number): void {
  const { k, before } = layout;
  const end = Math.min((part + 1) * rowsOfPart, rows);
  const expected = (before[end]! - before[part * rowsOfPart]!) * k * 6;
  const { size } = statSync(partFile(layout, part));
  if (size === expected) return;
  throw new RangeError(
    `Cannot read ${path.basename(partFile(layout, part))} of ${layout.folder}: expected ${expected} bytes, got ${size}; delete the folder to ask the teacher again`,
  );
}
