import { writeChunksAtomic } from "../base/atomicFile.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { describeShape, sizeOf } from "../base/shape.ts";
import { floatsToBfloats, floatsToHalves } from "./half.ts";
import type { OpenFile } from "./openFile.ts";
import {
  readHeader,
  safetensorsProblem,
  readSafetensorsHeader,
  withSafetensorsFile,
  type SafetensorsEntry,
} from "./safetensorsHeader.ts";
import {
  bytesPerElement,
  decode,
  isLazy,
  isOfFloats,
  lazyTensor,
  type StoredTensor,
} from "./storedTensor.ts";

export { readSafetensorsHeader } from "./safetensorsHeader.ts";
export type { SafetensorsEntry, SafetensorsHeader } from "./safetensorsHeader.ts";
export type { SafetensorsDtype, StoredTensor } from "./storedTensor.ts";

function readEntry(
  file: string,
  { read }: OpenFile,
  name: string,
  { dtype, shape, byteOffset, byteLength }: SafetensorsEntry,
): StoredTensor {
  const bytes = read(byteOffset, byteLength);
  try {
    return { dtype, shape, values: decode(dtype, bytes.buffer) };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw safetensorsProblem(file, `tensor "${name}": ${cause.message}`, cause);
  }
}

/**
 * All tensors of a file, ordered by name. F16 and BF16 become float32 exactly; F64 is rounded to
 * float32; integers become int32 and are refused when they do not fit.
 *
 * @throws {InputError} when the file is missing or corrupt
 */
export function readSafetensors(file: string): Map<string, StoredTensor> {
  return withSafetensorsFile(file, (open) => {
    const { tensors } = readHeader(file, open);
    return readEntries(file, open, tensors);
  });
}

/**
 * As `readSafetensors`, but reads the header alone, and each tensor's values when they are asked for.
 *
 * @throws {InputError} when the file is missing or corrupt
 */
export function openSafetensors(file: string): Map<string, StoredTensor> {
  const { tensors } = readSafetensorsHeader(file);
  return new Map(
    Array.from(tensors, ([name, entry]) => {
      const tensor = lazyTensor(entry, () =>
        withSafetensorsFile(file, (open) => readEntry(file, open, name, entry).values),
      );
      if (bytesPerElement[entry.dtype] > 1) return [name, tensor];
      return [name, withBytes(tensor, file, entry)];
    }),
  );
}

/** A getter's values would be read by spreading it. */
function withBytes(
  tensor: StoredTensor,
  file: string,
  { byteOffset, byteLength }: SafetensorsEntry,
): StoredTensor {
  const bytes = (): Uint8Array =>
    withSafetensorsFile(file, ({ read }) => read(byteOffset, byteLength));
  return Object.defineProperty(tensor, "bytes", { value: bytes });
}

/**
 * Some tensors of a file, as its header lists them.
 *
 * @throws {InputError} when the file is missing, has become shorter, or holds what does not fit
 */
export function readSafetensorsEntries(
  file: string,
  entries: Iterable<readonly [name: string, entry: SafetensorsEntry]>,
): Map<string, StoredTensor> {
  return withSafetensorsFile(file, (open) => readEntries(file, open, entries));
}

function readEntries(
  file: string,
  open: OpenFile,
  entries: Iterable<readonly [name: string, entry: SafetensorsEntry]>,
): Map<string, StoredTensor> {
  return new Map(
    Array.from(entries, ([name, entry]) => [name, readEntry(file, open, name, entry)]),
  );
}

/** Float types that tensors are written in. */
export type FloatDtype = "F32" | "F16" | "BF16";

export interface WriteSafetensorsOptions {
  /** How float tensors are stored; those of integers are stored as they are: I32, I8, U8. */
  dtype?: FloatDtype;
  /** Free texts for the header. */
  metadata?: Readonly<Record<string, string>>;
}

/** A tensor that can be written: as on the host, or with integers of a byte each. */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly values: HostTensor["values"] | Int8Array | Uint8Array;
}

interface EncodedTensor {
  readonly name: string;
  readonly dtype: FloatDtype | "I32" | "I8" | "U8";
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** Made when it is written, where the tensor's values are read when they are asked for. */
  readonly bytes: () => Uint8Array;
}

/**
 * Writes tensors to one file, whole or not at all. Equal tensors give equal bytes, whatever their
 * order: wider dtypes first, so that each tensor is aligned, then by name.
 *
 * @throws {RangeError} when a tensor's values do not fit its shape, a name occurs twice, or a
 *   finite value is beyond the range of F16 or BF16
 */
export function writeSafetensors(
  file: string,
  tensors: Iterable<readonly [name: string, tensor: WritableTensor]>,
  { dtype = "F32", metadata = {} }: WriteSafetensorsOptions = {},
): void {
  const encoded = Array.from(tensors, ([name, tensor]) => encode(file, name, tensor, dtype));
  encoded.sort((a, b) => alignment(b) - alignment(a) || compare(a.name, b.name));
  const header = new Map<string, unknown>();
  const texts = Object.entries(metadata).toSorted(([a], [b]) => compare(a, b));
  if (texts.length > 0) header.set("__metadata__", Object.fromEntries(texts));
  let offset = 0;
  for (const { name, dtype: stored, shape, byteLength } of encoded) {
    if (name === "__metadata__" || header.has(name)) {
      throw new RangeError(`Cannot write ${file}: tensor name "${name}" is used twice or reserved`);
    }
    const end = offset + byteLength;
    header.set(name, { dtype: stored, shape, data_offsets: [offset, end] });
    offset = end;
  }
  writeChunksAtomic(file, chunksOf(header, encoded));
}

function* chunksOf(
  header: ReadonlyMap<string, unknown>,
  encoded: readonly EncodedTensor[],
): Iterable<Uint8Array> {
  yield headerBytes(header);
  for (const { bytes } of encoded) yield bytes();
}

function encode(
  file: string,
  name: string,
  tensor: WritableTensor,
  floatDtype: FloatDtype,
): EncodedTensor {
  const { shape } = tensor;
  if (isLazy(tensor)) {
    const dtype = isOfFloats(tensor) ? floatDtype : "I32";
    const byteLength = sizeOf(shape) * bytesPerElement[dtype];
    return {
      name,
      dtype,
      shape,
      byteLength,
      bytes: () => stored(file, name, tensor, floatDtype)[1],
    };
  }
  const [dtype, bytes] = stored(file, name, tensor, floatDtype);
  return { name, dtype, shape, byteLength: bytes.length, bytes: () => bytes };
}

/** How a tensor is stored. */
function stored(
  file: string,
  name: string,
  { shape, values }: WritableTensor,
  floatDtype: FloatDtype,
): [dtype: EncodedTensor["dtype"], bytes: Uint8Array] {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(
      `Cannot write ${file}: tensor "${name}" of shape ${describeShape(shape)} needs ${sizeOf(shape)} values, got ${values.length}`,
    );
  }
  if (values instanceof Int32Array) return ["I32", bytesOf(values)];
  if (values instanceof Int8Array) return ["I8", bytesOf(values)];
  if (values instanceof Uint8Array) return ["U8", bytesOf(values)];
  if (floatDtype === "F32") return ["F32", bytesOf(values)];
  const halves = floatDtype === "F16" ? floatsToHalves(values) : floatsToBfloats(values);
  const infinity = floatDtype === "F16" ? 0x7c00 : 0x7f80;
  const overflow = halves.findIndex(
    (half, i) => (half & 0x7fff) === infinity && Number.isFinite(values[i]),
  );
  if (overflow >= 0) {
    throw new RangeError(
      `Cannot write ${file}: tensor "${name}" holds ${values[overflow]}, beyond the range of ${floatDtype}; store it as F32`,
    );
  }
  return [floatDtype, bytesOf(halves)];
}

function bytesOf(array: WritableTensor["values"] | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The header's length and text, padded with spaces so that the data starts at a multiple of 8. */
function headerBytes(header: ReadonlyMap<string, unknown>): Uint8Array {
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

const alignment = ({ dtype }: EncodedTensor): number => bytesPerElement[dtype];

/** Order of code units: the same on every machine and in every language. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
