import type { RandomStream } from "../../framework/base/random.ts";

export interface MutateOptions {
  readonly random: RandomStream;
  /** Other inputs, to take parts of. */
  readonly corpus: readonly Uint8Array[];
  readonly words: readonly Uint8Array[];
  readonly mostBytes: number;
}

/** Numbers at which programs err, in each width. */
const edges = [0, 1, -1, 2, 7, 8, 16, 32, 64, 100, 127, 128, 255, 256, 1024, 4096, 32767, 32768];
const largeEdges = [65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e21];
const numberTexts = [...edges, ...largeEdges, -0.5, 1e308].map(String);
const strangeTexts = ["NaN", "-Infinity", "1e999", "\u0000", "\ud83d\udc27", "\u2028", "\ufeff"];
const hostileWords = [
  ...["__proto__", "constructor", "prototype", '{"__proto__":{"polluted":1}}', "toString"],
  ...["../../../etc/passwd", "..\\..\\", "/dev/zero", "%2e%2e%2f", "null", "true", "[]", "{}"],
  ...numberTexts,
  ...strangeTexts,
].map((text) => new TextEncoder().encode(text));

type Mutation = (input: Buffer, options: MutateOptions) => Buffer;

/** One to eight changes of an input, by the random stream alone. */
export function mutate(input: Uint8Array, options: MutateOptions): Uint8Array {
  const { random, mostBytes } = options;
  let changed: Buffer = Buffer.from(input);
  const rounds = 1 + Math.min(random.integer(8), random.integer(8));
  for (let i = 0; i < rounds; i++) {
    changed = pick(mutations, random)(changed, options);
    if (changed.length > mostBytes) changed = changed.subarray(0, mostBytes);
  }
  return changed;
}

function pick<Item>(items: readonly Item[], random: RandomStream): Item {
  return items[random.integer(items.length)]!;
}

/** A part of an input; short ones are likelier. */
function partOf(input: Uint8Array, random: RandomStream): [start: number, end: number] {
  const start = random.integer(input.length + 1);
  const most = Math.min(input.length - start, 1 << random.integer(12));
  return [start, start + random.integer(most + 1)];
}

const replaced = (input: Buffer, start: number, end: number, by: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, start), by, input.subarray(end)]);

const insertAt =
  (content: (options: MutateOptions) => Uint8Array): Mutation =>
  (input, options) => {
    const at = options.random.integer(input.length + 1);
    return replaced(input, at, at, content(options));
  };

const flipBit: Mutation = (input, { random }) => {
  if (input.length > 0) input[random.integer(input.length)]! ^= 1 << random.integer(8);
  return input;
};

const setByte: Mutation = (input, { random }) => {
  if (input.length > 0) input[random.integer(input.length)] = random.integer(256);
  return input;
};

const setInteger: Mutation = (input, { random }) => {
  const width = pick([1, 2, 4, 8], random);
  if (input.length < width) return input;
  const at = random.integer(input.length - width + 1);
  const value = BigInt(pick([...edges, ...largeEdges.slice(0, -1), input.length], random));
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  const cut = bytes.subarray(0, width);
  input.set(random.integer(2) === 0 ? cut : cut.toReversed(), at);
  return input;
};

const remove: Mutation = (input, { random }) => {
  const [start, end] = partOf(input, random);
  return replaced(input, start, end, new Uint8Array());
};

const repeat: Mutation = (input, { random, mostBytes }) => {
  const [start, end] = partOf(input, random);
  if (start === end) return input;
  const room = Math.max(0, Math.floor((mostBytes - input.length) / (end - start)));
  const times = Math.min(room, 1 << random.integer(11));
  const part = input.subarray(start, end);
  return replaced(input, start, start, Buffer.alloc(part.length * times, part));
};

const move: Mutation = (input, { random }) => {
  const [start, end] = partOf(input, random);
  const part = Buffer.from(input.subarray(start, end));
  const rest = replaced(input, start, end, new Uint8Array());
  const at = random.integer(rest.length + 1);
  return replaced(rest, at, at, part);
};

const splice: Mutation = (input, { random, corpus }) => {
  if (corpus.length === 0) return input;
  const other = pick(corpus, random);
  const [start, end] = partOf(input, random);
  const [from, to] = partOf(other, random);
  return replaced(input, start, end, other.subarray(from, to));
};

const cross: Mutation = (input, { random, corpus }) => {
  if (corpus.length === 0) return input;
  const other = pick(corpus, random);
  return Buffer.concat([
    input.subarray(0, random.integer(input.length + 1)),
    other.subarray(random.integer(other.length + 1)),
  ]);
};

/** A number that is written in digits becomes another. */
const changeNumber: Mutation = (input, { random }) => {
  const found = [...input.toString("latin1").matchAll(/-?\d+/g)];
  if (found.length === 0) return input;
  const { 0: text, index } = pick(found, random);
  const by = pick([...numberTexts, String(Number(text) + 1), String(Number(text) - 1)], random);
  return replaced(input, index, index + text.length, Buffer.from(by));
};

/** Brackets around a part, or a part in many of them. */
const nest: Mutation = (input, { random, mostBytes }) => {
  const [open, close] = pick(["[]", "{}", "()", '""', "''", "  ", '[{"a":'], random).split("");
  const [start, end] = partOf(input, random);
  const deep = random.integer(8) === 0;
  const levels = deep ? random.integer(Math.max(1, (mostBytes - input.length) >> 1)) : 1;
  const inner = input.subarray(start, end);
  const around = [open!.repeat(levels), close!.repeat(levels)].map((each) => Buffer.from(each));
  return replaced(input, start, end, Buffer.concat([around[0]!, inner, around[1]!]));
};

const mutations: readonly Mutation[] = [
  ...[flipBit, setByte, setInteger, setInteger, remove, remove, repeat, move],
  ...[splice, splice, cross, changeNumber, changeNumber, nest],
  insertAt(({ random }) =>
    Uint8Array.from({ length: 1 + random.integer(8) }, () => random.integer(256)),
  ),
  insertAt(({ random, words }) => pick(words.length > 0 ? words : hostileWords, random)),
  insertAt(({ random, words }) => pick(words.length > 0 ? words : hostileWords, random)),
  insertAt(({ random }) => pick(hostileWords, random)),
];
