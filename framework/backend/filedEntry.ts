import { sizeOf } from "../base/shape.ts";
import { allocate, type HostArray } from "../runtime/session.ts";
import { seenAs, type Entry } from "./entry.ts";

/** Whether a tensor's values are in a file alone. */
export function isFiled({ array, place }: Entry): boolean {
  return !array && place !== undefined;
}

/** The values of a tensor that has them in a file, read anew. */
export function readFiled({ dtype, shape, place }: Entry): HostArray {
  const seen = seenAs(dtype, shape);
  const array = allocate(seen.dtype, sizeOf(seen.shape));
  place!.file.readSync(bytesOf(array), place!.byteOffset);
  return array;
}

/** Gives a tensor its values in memory; they stay in the file as well. */
export function loadFiled(entry: Entry): void {
  if (!entry.array && entry.place) entry.array = readFiled(entry);
}

/** The same, and what is in the file may change. */
export function takeOut(entry: Entry): void {
  loadFiled(entry);
  delete entry.place;
}

export function bytesOf({ buffer, byteOffset, byteLength }: HostArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
