import { closeSync, openSync, readSync } from "node:fs";

import { isRecord } from "../tracking/parameters.ts";
import { statOf } from "./fileStamp.ts";

/** How far a file that grows by lines has been read. */
export interface FileCursor {
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  /** Bytes up to the end of the last whole line. */
  readonly offset: number;
  /** The last bytes before `offset`, as Latin-1: whether the file still is the one that was read. */
  readonly tail: string;
}

export function isFileCursor(value: unknown): value is FileCursor {
  return (
    isRecord(value) &&
    ["inode", "size", "modifiedMs", "offset"].every((key) => typeof value[key] === "number") &&
    typeof value["tail"] === "string"
  );
}

/** Whether a file is as it was when it was read; `null` stands for one that was not there. */
export function isUnchanged(file: string, cursor: FileCursor | null): boolean {
  const stat = statOf(file);
  if (!stat?.isFile() || !cursor) return !stat?.isFile() && !cursor;
  const { inode, size, modifiedMs } = cursor;
  return inode === stat.ino && size === stat.size && modifiedMs === stat.mtimeMs;
}

interface RestartListener {
  /** What was read earlier is void: the file was replaced, and is read from its start. */
  restart(): void;
}

export interface LineListener extends RestartListener {
  line(text: string): void;
}

export interface ByteListener extends RestartListener {
  /**
   * @param bytes of whole lines, with their ends
   * @param offset of the first byte in the file
   */
  lines(bytes: Buffer, offset: number): void;
}

const chunkBytes = 2 ** 22;
const tailBytes = 48;
const lineEnd = 0x0a;

/** As `readAppendedBytes`, a line at a time. */
export function readAppendedLines(
  file: string,
  cursor: FileCursor | undefined,
  listener: LineListener,
): FileCursor | undefined {
  return readAppendedBytes(file, cursor, {
    restart: () => listener.restart(),
    lines(bytes) {
      const text = bytes.toString("utf8");
      for (let from = 0; from < text.length;) {
        const to = text.indexOf("\n", from);
        listener.line(text.slice(from, to));
        from = to + 1;
      }
    },
  });
}

/**
 * Reads the lines that came since an earlier call. A last line without its end waits for the next
 * call. Only what is new is read.
 *
 * @param cursor what the earlier call returned
 * @returns the same cursor when nothing has changed; undefined when there is no file
 */
export function readAppendedBytes(
  file: string,
  cursor: FileCursor | undefined,
  listener: ByteListener,
): FileCursor | undefined {
  const stat = statOf(file);
  if (!stat?.isFile()) {
    if (cursor) listener.restart();
    return undefined;
  }
  const { ino: inode, size, mtimeMs: modifiedMs } = stat;
  if (cursor && cursor.inode === inode && cursor.size === size && cursor.modifiedMs === modifiedMs)
    return cursor;
  const handle = openQuietly(file);
  if (handle === undefined) return cursor;
  try {
    const isSame =
      cursor?.inode === inode &&
      size >= cursor.offset &&
      readText(handle, cursor.offset - cursor.tail.length, cursor.tail.length) === cursor.tail;
    if (cursor && !isSame) listener.restart();
    const start = isSame ? cursor.offset : 0;
    const offset = readLines(handle, start, size, listener);
    const length = Math.min(tailBytes, offset);
    return { inode, size, modifiedMs, offset, tail: readText(handle, offset - length, length) };
  } finally {
    closeSync(handle);
  }
}

function openQuietly(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch {
    return undefined; // gone meanwhile, or not ours to read
  }
}

/** @returns the offset after the last whole line */
function readLines(handle: number, start: number, end: number, listener: ByteListener): number {
  let offset = start;
  let bytes = Math.min(chunkBytes, end - start);
  while (bytes > 0) {
    const chunk = Buffer.allocUnsafe(bytes);
    const read = readSync(handle, chunk, 0, bytes, offset);
    const whole = chunk.subarray(0, read).lastIndexOf(lineEnd) + 1;
    if (whole > 0) {
      listener.lines(chunk.subarray(0, whole), offset);
      offset += whole;
    } else if (read < bytes || offset + read >= end) return offset;
    const wanted = whole > 0 ? chunkBytes : bytes * 2; // a line longer than the chunk
    bytes = Math.min(wanted, end - offset);
  }
  return offset;
}

function readText(handle: number, offset: number, length: number): string {
  const bytes = Buffer.alloc(length);
  const read = readSync(handle, bytes, 0, length, offset);
  return bytes.toString("latin1", 0, read);
}
