import { forEachField } from "./protoFields.ts";

/** A tensor of an event file: numbers, or texts as bytes. */
export interface TensorBoardTensor {
  readonly shape: readonly number[];
  readonly numbers: readonly number[];
  readonly strings: readonly Uint8Array[];
}

const types = { float: 1, double: 2, int32: 3, string: 7, int64: 9 } as const;

/** A tensor's content; values that protobuf has left out at the end repeat the last, as in TensorFlow. */
export function readTensor(message: Uint8Array): TensorBoardTensor {
  let type = 0;
  let shape: number[] = [];
  let numbers: number[] = [];
  const strings: Uint8Array[] = [];
  let content = Buffer.alloc(0);
  forEachField(message, (field, reader) => {
    if (field === 1) type = reader.int32();
    else if (field === 2) shape = readShape(reader.bytes());
    else if (field === 4) content = Buffer.from(reader.bytes());
    else if (field === 5) append(numbers, packed(reader.bytes(), types.float));
    else if (field === 6) append(numbers, packed(reader.bytes(), types.double));
    else if (field === 8) strings.push(reader.bytes());
    else return false;
    return true;
  });
  if (content.length > 0) numbers = packed(content, type);
  if (type !== types.string) fill(numbers, product(shape));
  return { shape, numbers, strings };
}

/** A tensor's one number, or undefined when it has axes, or is none of floats. */
export function readScalarTensor(message: Uint8Array): number | undefined {
  let type = 0;
  let axes = 0;
  forEachField(message, (field, reader) => {
    if (field === 1) type = reader.int32();
    else if (field === 2) axes = readShape(reader.bytes()).length;
    else return false;
    return true;
  });
  if (axes > 0 || (type !== types.float && type !== types.double)) return undefined;
  return readTensor(message).numbers[0];
}

/** Numbers side by side, little-endian; none of a type that is not known. */
export function packed(data: Uint8Array, type: number): number[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  switch (type) {
    case types.float:
      return every(bytes, 4, (at) => bytes.readFloatLE(at));
    case types.double:
      return every(bytes, 8, (at) => bytes.readDoubleLE(at));
    case types.int32:
      return every(bytes, 4, (at) => bytes.readInt32LE(at));
    case types.int64:
      return every(bytes, 8, (at) => Number(bytes.readBigInt64LE(at)));
    default:
      return [];
  }
}

/** Adds numbers to others; there may be more than a call can have arguments. */
export function append(numbers: number[], more: readonly number[]): void {
  for (const each of more) numbers.push(each);
}

/** @returns a number for each whole `width` bytes */
function every(bytes: Buffer, width: number, read: (at: number) => number): number[] {
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => read(i * width));
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

const mostNumbers = 2 ** 24;

function fill(numbers: number[], length: number): void {
  const last = numbers.at(-1) ?? 0;
  if (length <= mostNumbers) while (numbers.length < length) numbers.push(last);
}

function readShape(message: Uint8Array): number[] {
  const shape: number[] = [];
  forEachField(message, (field, reader) => {
    if (field !== 2) return false;
    let size = 0;
    forEachField(reader.bytes(), (inner, dim) => {
      if (inner !== 1) return false;
      size = Number(dim.int64());
      return true;
    });
    shape.push(size);
    return true;
  });
  return shape;
}
