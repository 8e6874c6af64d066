import { inflateRawSync } from "node:zlib";

import { InputError } from "../base/errors.ts";
import { withOpenFile } from "./openFile.ts";

/** One file of an archive. */
export interface ZipEntry {
  /** Bytes, uncompressed. */
  readonly byteLength: number;
  /** Some of its bytes. */
  read(start?: number, length?: number): Uint8Array<ArrayBuffer>;
}

/** Where an entry lies, as the archive's table of contents says. */
interface Location {
  method: number;
  compressed: number;
  byteLength: number;
  header: number;
}

const signatures = { end: 0x06054b50, end64: 0x06064b50, entry: 0x02014b50, local: 0x04034b50 };
const endBytes = 22;
const longestComment = 0xffff;
const [stored, deflated] = [0, 8];
/** Tables of contents are kilobytes; a larger one is a damaged length. */
const largestTable = 2 ** 28;

/**
 * The files of a zip archive by name, without reading any; large archives (zip64), too.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.
 *
 * @throws {InputError} when the archive is missing or damaged, or an entry is encrypted or
 * compressed by other than deflate
 */
export function openZip(file: string): Map<string, ZipEntry> {
  return withArchive(file, (read, size) => {
    const { table, count, start } = findTable(file, read, size);
    const entries = new Map<string, ZipEntry>();
    let at = 0;
    for (let i = 0; i < count; i++) {
      const { name, location, next } = readLocation(file, table, at);
      if (location.header + location.compressed > start) throw damaged(file, `entry "${name}"`);
      entries.set(name, {
        byteLength: location.byteLength,
        read: (from = 0, length = location.byteLength - from) =>
          readEntry(file, name, location, from, length),
      });
      at = next;
    }
    return entries;
  });
}

type Read = (start: number, length: number) => DataView<ArrayBuffer>;

function withArchive<Result>(file: string, use: (read: Read, sizeBytes: number) => Result): Result {
  return withOpenFile(file, ({ read, sizeBytes }) =>
    use((start, length) => new DataView(read(start, length).buffer), sizeBytes),
  );
}

function damaged(file: string, where: string): InputError {
  return new InputError(`Cannot read ${file}: damaged or truncated zip archive at ${where}`);
}

/** The table of contents: its bytes, number of entries, and position. */
function findTable(
  file: string,
  read: Read,
  size: number,
): { table: DataView; count: number; start: number } {
  const length = Math.min(size, endBytes + longestComment);
  const tail = read(size - length, length);
  for (let at = length - endBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== signatures.end) continue;
    let count = tail.getUint16(at + 10, true);
    let bytes = tail.getUint32(at + 12, true);
    let start = tail.getUint32(at + 16, true);
    if (count === 0xffff || bytes === 0xffffffff || start === 0xffffffff) {
      // where the larger record is, stands in the 20 bytes before
      const end = read(Number(read(size - length + at - 12, 8).getBigUint64(0, true)), 56);
      if (end.getUint32(0, true) !== signatures.end64) throw damaged(file, "its end");
      count = Number(end.getBigUint64(32, true));
      bytes = Number(end.getBigUint64(40, true));
      start = Number(end.getBigUint64(48, true));
    }
    if (bytes > largestTable) throw damaged(file, "its table of contents");
    return { table: read(start, bytes), count, start };
  }
  throw new InputError(`Cannot read ${file}: it is no zip archive, or is truncated`);
}

/** @param at position in the table */
function readLocation(
  file: string,
  table: DataView,
  at: number,
): { name: string; location: Location; next: number } {
  const fixedBytes = 46;
  if (at + fixedBytes > table.byteLength || table.getUint32(at, true) !== signatures.entry) {
    throw damaged(file, "its table of contents");
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
    table.getUint16(at + offset, true),
  );
  const extraStart = at + fixedBytes + nameLength!;
  const next = extraStart + extraLength! + commentLength!;
  if (next > table.byteLength) throw damaged(file, "its table of contents");
  const bytes = new Uint8Array(table.buffer, table.byteOffset + at + fixedBytes, nameLength);
  const name = new TextDecoder().decode(bytes);
  const method = table.getUint16(at + 10, true);
  if ((table.getUint16(at + 8, true) & 1) === 1 || (method !== stored && method !== deflated)) {
    throw new InputError(
      `Cannot read ${file}: entry "${name}" is encrypted or compressed by a method other than deflate`,
    );
  }
  const small = [24, 20, 42].map((offset) => table.getUint32(at + offset, true));
  const [byteLength, compressed, header] = withLarge(file, table, extraStart, extraLength!, small);
  return {
    name,
    location: {
      method,
      byteLength: byteLength!,
      compressed: compressed!,
      header: header!,
    },
    next,
  };
}

/** Numbers that did not fit 32 bits, from the extra field that has them in the same order. */
function withLarge(
  file: string,
  table: DataView,
  start: number,
  length: number,
  small: number[],
): number[] {
  const large = small.filter((value) => value === 0xffffffff).length;
  if (large === 0) return small;
  for (let at = start; at + 4 <= start + length;) {
    const [id, size] = [table.getUint16(at, true), table.getUint16(at + 2, true)];
    if (id === 1 && size >= 8 * large && at + 4 + size <= start + length) {
      let offset = at + 4 - 8;
      return small.map((value) =>
        value === 0xffffffff ? Number(table.getBigUint64((offset += 8), true)) : value,
      );
    }
    at += 4 + size;
  }
  throw damaged(file, "its table of contents");
}

function readEntry(
  file: string,
  name: string,
  { method, compressed, byteLength, header }: Location,
  from: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (from < 0 || from + length > byteLength) throw damaged(file, `entry "${name}"`);
  return withArchive(file, (read) => {
    const local = read(header, 30);
    if (local.getUint32(0, true) !== signatures.local) throw damaged(file, `entry "${name}"`);
    const start = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    if (method === stored) return new Uint8Array(read(start + from, length).buffer);
    return inflated(file, name, read(start, compressed), byteLength).slice(from, from + length);
  });
}

function inflated(
  file: string,
  name: string,
  bytes: DataView,
  byteLength: number,
): Uint8Array<ArrayBuffer> {
  let result: Uint8Array<ArrayBuffer>;
  try {
    // an entry that is longer than it says is no bomb
    result = new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(byteLength, 1) }));
  } catch (cause) {
    throw new InputError(
      `Cannot read ${file}: entry "${name}" cannot be inflated: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  if (result.length !== byteLength) throw damaged(file, `entry "${name}"`);
  return result;
}
