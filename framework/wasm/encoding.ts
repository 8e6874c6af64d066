/**
 * @file The binary format of WebAssembly, as far as it is needed: bytes of a module and of its
 * instructions.
 *
 * Source: WebAssembly Core Specification 2.0, chapter 5.
 */

export type Bytes = readonly number[];

/** Types of values. */
export const i32 = 0x7f;
export const f32 = 0x7d;
export const v128 = 0x7b;

/** An unsigned integer in LEB128. */
export function unsigned(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
    if (rest === 0) return bytes;
  }
}

/** A signed integer of 32 bits in LEB128. */
function signed(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = rest === (low & 0x40 ? -1 : 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** A list: its length, then its items. */
export function list(items: readonly Bytes[]): Bytes {
  return [...unsigned(items.length), ...items.flat()];
}

/** Something with its length before it. */
export function sized(bytes: Bytes): Bytes {
  return [...unsigned(bytes.length), ...bytes];
}

export function name(text: string): Bytes {
  return sized([...Buffer.from(text)]);
}

/** A module of the sections that are given by their numbers. */
export function module(sections: readonly (readonly [number, Bytes])[]): Uint8Array<ArrayBuffer> {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]; // "\0asm", version 1
  return Uint8Array.from([...header, ...sections.flatMap(([id, body]) => [id, ...sized(body)])]);
}

const vector = (operation: number): Bytes => [0xfd, ...unsigned(operation)];
/** Alignment 16, as the power of 2, and offset 0. */
const aligned = [4, 0];

type Plain =
  | "addIntegers"
  | "subtractIntegers"
  | "multiplyIntegers"
  | "end"
  | "load"
  | "store"
  | "splat"
  | "absolute"
  | "negate"
  | "squareRoot"
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "less"
  | "greater"
  | "and";

/** Instructions by what they do: `load`, `store` and what follows on four floats. */
export const instruction: Readonly<Record<Plain, Bytes>> = {
  addIntegers: [0x6a],
  subtractIntegers: [0x6b],
  multiplyIntegers: [0x6c],
  end: [0x0b],
  load: [...vector(0), ...aligned],
  store: [...vector(11), ...aligned],
  splat: vector(19),
  absolute: vector(224),
  negate: vector(225),
  squareRoot: vector(227),
  add: vector(228),
  subtract: vector(229),
  multiply: vector(230),
  divide: vector(231),
  less: vector(67),
  greater: vector(68),
  and: vector(78),
};

/** Instructions on a local. */
export function get(local: number): Bytes {
  return [0x20, ...unsigned(local)];
}

export function set(local: number): Bytes {
  return [0x21, ...unsigned(local)];
}

/** Sets it and leaves the value. */
export function tee(local: number): Bytes {
  return [0x22, ...unsigned(local)];
}

export function integer(value: number): Bytes {
  return [0x41, ...signed(value)];
}

/** Four times the same float. */
export function floats(value: number): Bytes {
  const four = Float32Array.of(value, value, value, value);
  return [...vector(12), ...new Uint8Array(four.buffer)];
}

/** Runs its body again as long as that leaves a number other than 0. */
export function repeatWhile(body: Bytes): Bytes {
  return [0x03, 0x40, ...body, 0x0d, 0, 0x0b];
}
