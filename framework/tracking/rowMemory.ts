/**
 * @file Memory of rows, many of which share an array: arrays of each row's own would be more garbage
 * than all else that logging leaves.
 */
import { mostNumberBytes, writeNumber } from "./numberBytes.ts";
import { wordBytes, type Pieces } from "./pieces.ts";

const slabNumbers = 1 << 13;
const slabBytes = 1 << 16;
let numbers = { values: new Float64Array(0), taken: 0 };
let offsets = { values: new Uint32Array(0), taken: 0 };
let texts = { bytes: new Uint8Array(0), words: new DataView(new ArrayBuffer(0)), taken: 0 };

/** Room for a row's numbers. */
export function takeNumbers(count: number): Float64Array {
  if (numbers.taken + count > numbers.values.length) {
    numbers = { values: new Float64Array(Math.max(slabNumbers, count)), taken: 0 };
  }
  return numbers.values.subarray(numbers.taken, (numbers.taken += count));
}

function takeOffsets(count: number): Uint32Array {
  if (offsets.taken + count > offsets.values.length) {
    offsets = { values: new Uint32Array(Math.max(slabNumbers, count)), taken: 0 };
  }
  return offsets.values.subarray(offsets.taken, (offsets.taken += count));
}

/** The numbers in ASCII, each so that it reads back to the same bits. */
export function textsOf(values: Float64Array): Pieces {
  const most = values.length * mostNumberBytes + wordBytes;
  if (texts.taken + most > texts.bytes.length) {
    const bytes = new Uint8Array(Math.max(slabBytes, most));
    texts = { bytes, words: new DataView(bytes.buffer), taken: 0 };
  }
  const { bytes, words } = texts;
  const ends = takeOffsets(values.length + 1);
  let end = texts.taken;
  ends[0] = end;
  for (let i = 0; i < values.length; i++) ends[i + 1] = end = writeNumber(bytes, end, values[i]!);
  texts.taken = end;
  return { words, offsets: ends };
}
