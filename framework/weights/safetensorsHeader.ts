import { InputError } from "../base/errors.ts";
import { endOfText } from "../base/jsonText.ts";
import { describeShape, sizeOf } from "../base/shape.ts";
import { shown } from "../base/shown.ts";
import { withOpenFile, type OpenFile, type Problem } from "./openFile.ts";
import { bytesPerElement, type SafetensorsDtype } from "./storedTensor.ts";

/** Where one tensor lies in its file. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Position of the first byte, from the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  /** The free texts under `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Every tensor, ordered by name. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
}

/** The published readers refuse longer headers, too. */
const maxHeaderBytes = 100_000_000;
const lengthBytes = 8;

/** An error that names the file. */
export function safetensorsProblem(file: string, problem: string, cause?: unknown): InputError {
  return new InputError(`Cannot read safetensors ${file}: ${problem}`, { cause });
}

/**
 * Reads and checks a file's table of contents without reading any tensor: every tensor lies
 * inside the file, has the size of its shape, and no byte belongs to two tensors or to none.
 *
 * Source: the safetensors format (8 bytes little-endian header length, JSON, data).
 *
 * @throws {InputError} when the file is missing or corrupt
 */
export function readSafetensorsHeader(file: string): SafetensorsHeader {
  return withSafetensorsFile(file, (open) => readHeader(file, open));
}

/** Opens a file for the time of one call. */
export function withSafetensorsFile<Result>(file: string, use: (open: OpenFile) => Result): Result {
  return withOpenFile(file, use, (problem, cause) => safetensorsProblem(file, problem, cause));
}

/** As `readSafetensorsHeader`, from an open file; `file` is for messages. */
export function readHeader(file: string, { sizeBytes, read }: OpenFile): SafetensorsHeader {
  const problem: Problem = (text) => safetensorsProblem(file, text);
  const { buffer } = read(0, lengthBytes);
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  if (length < 2 || length > maxHeaderBytes || length > sizeBytes - lengthBytes) {
    throw problem(
      `header length must be 2 to ${Math.min(maxHeaderBytes, sizeBytes - lengthBytes)} bytes, got ${length}; the file is truncated or of another format`,
    );
  }
  const text = read(lengthBytes, length);
  const { metadata, tensors } = parseHeader(text, lengthBytes + length, problem);
  checkCoverage(tensors, lengthBytes + length, sizeBytes, problem);
  return { metadata, tensors };
}

function parseHeader(text: Uint8Array, dataStart: number, problem: Problem): SafetensorsHeader {
  const json = decodeHeader(text, problem);
  const duplicate = firstDuplicateKey(json.text);
  if (duplicate !== undefined) throw problem(`tensor "${duplicate}" appears twice in the header`);
  const tensors = new Map<string, SafetensorsEntry>();
  let metadata: Readonly<Record<string, string>> = {};
  for (const name of Object.keys(json.value).toSorted()) {
    if (name === "__metadata__") metadata = checkMetadata(json.value[name], problem);
    else tensors.set(name, checkEntry(name, json.value[name], dataStart, problem));
  }
  return { metadata, tensors };
}

function decodeHeader(
  bytes: Uint8Array,
  problem: Problem,
): { text: string; value: Record<string, unknown> } {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw problem(
      `header is not JSON (${cause instanceof Error ? cause.message : String(cause)}); the file is of another format or damaged`,
    );
  }
  if (!isRecord(value)) throw problem("header must be a JSON object");
  return { text, value };
}

function checkMetadata(value: unknown, problem: Problem): Readonly<Record<string, string>> {
  if (!isRecord(value)) throw problem("__metadata__ must be an object of texts");
  const texts = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text === "string") return [key, text];
    throw problem(`__metadata__ "${key}" must be a text`);
  });
  return Object.fromEntries(texts); // also "__proto__", which an assignment would lose
}

function checkEntry(
  name: string,
  value: unknown,
  dataStart: number,
  problem: Problem,
): SafetensorsEntry {
  if (!isRecord(value)) throw problem(`tensor "${name}" must be described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw problem(
      `tensor "${name}" has unknown dtype ${shown(dtype)}; expected one of ${Object.keys(bytesPerElement).join(", ")}`,
    );
  }
  if (!isCounts(shape)) {
    throw problem(`tensor "${name}" must have a shape of integers >= 0, got ${shown(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw problem(`tensor "${name}" must have data_offsets [begin, end], got ${shown(offsets)}`);
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  const expected = sizeOf(shape) * bytesPerElement[dtype];
  if (expected !== end - begin) {
    throw problem(
      `tensor "${name}" of shape ${describeShape(shape)} and dtype ${dtype} needs ${expected} bytes, got ${end - begin}`,
    );
  }
  return { dtype, shape, byteOffset: dataStart + begin, byteLength: expected };
}

function checkCoverage(
  tensors: SafetensorsHeader["tensors"],
  dataStart: number,
  fileSize: number,
  problem: Problem,
): void {
  const inOrder = [...tensors].toSorted(
    ([, a], [, b]) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength,
  );
  let end = dataStart;
  for (const [name, { byteOffset, byteLength }] of inOrder) {
    if (byteOffset + byteLength > fileSize) {
      throw problem(
        `tensor "${name}" ends at byte ${byteOffset + byteLength}, but the file has ${fileSize}; it is truncated`,
      );
    }
    if (byteOffset < end) throw problem(`tensor "${name}" overlaps the tensor before it`);
    if (byteOffset > end) {
      throw problem(`${byteOffset - end} bytes before tensor "${name}" belong to no tensor`);
    }
    end = byteOffset + byteLength;
  }
  if (end !== fileSize) {
    throw problem(`expected ${end} bytes by the header, got ${fileSize}`);
  }
}

/** The first name that occurs twice in the outermost object of a valid JSON text. */
function firstDuplicateKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // Outside of texts only brackets matter; a text followed by a colon is a key.
  for (let at = 0; at < json.length; at++) {
    const sign = json[at]!;
    if (sign === "{" || sign === "[") depth++;
    else if (sign === "}" || sign === "]") depth--;
    if (sign !== '"') continue;
    const end = endOfText(json, at);
    if (depth === 1 && isBeforeColon(json, end + 1)) {
      const name = String(JSON.parse(json.slice(at, end + 1)));
      if (seen.has(name)) return name;
      seen.add(name);
    }
    at = end;
  }
  return undefined;
}

function isBeforeColon(json: string, from: number): boolean {
  let at = from;
  while (/\s/.test(json.charAt(at))) at++;
  return json[at] === ":";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === "string" && Object.hasOwn(bytesPerElement, value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
