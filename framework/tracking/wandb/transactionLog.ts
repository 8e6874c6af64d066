import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";

import { InputError } from "../../base/errors.ts";
import { AppendFile } from "../appendFile.ts";

/**
 * W&B's transaction log: a LevelDB log (blocks of 32 KiB from the start of the file, records cut
 * into chunks that never cross a block) behind seven bytes of its own, with plain CRC-32.
 */
const fileHeader: Uint8Array = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00); // ":W&B", magic, version 0
const blockBytes = 32768;
const chunkHeaderBytes = 7;
const chunkType = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** Cuts records into chunks. Its state is where in the file the next chunk goes. */
export class RecordFramer {
  #offset = 0;

  /** The bytes with which every file begins. */
  begin(): Uint8Array {
    this.#offset = fileHeader.length;
    return fileHeader;
  }

  /** The chunks of one record, padding included. */
  frame(record: Uint8Array): Buffer {
    const parts: Uint8Array[] = [];
    let taken = 0;
    for (let isFirst = true; isFirst || taken < record.length; isFirst = false) {
      if (this.#left() < chunkHeaderBytes) this.#push(parts, new Uint8Array(this.#left()));
      const data = record.subarray(taken, taken + this.#left() - chunkHeaderBytes);
      taken += data.length;
      this.#push(parts, frameChunk(typeOf(isFirst, taken === record.length), data));
    }
    return Buffer.concat(parts);
  }

  /** Bytes left in the block. */
  #left(): number {
    return blockBytes - (this.#offset % blockBytes);
  }

  #push(parts: Uint8Array[], bytes: Uint8Array): void {
    parts.push(bytes);
    this.#offset += bytes.length;
  }
}

function typeOf(isFirst: boolean, isLast: boolean): number {
  if (isFirst) return isLast ? chunkType.full : chunkType.first;
  return isLast ? chunkType.last : chunkType.middle;
}

function frameChunk(type: number, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(chunkHeaderBytes + data.length);
  chunk.writeUInt16LE(data.length, 4);
  chunk[6] = type;
  chunk.set(data, chunkHeaderBytes);
  chunk.writeUInt32LE(crc32(chunk.subarray(6)), 0);
  return chunk;
}

/** A transaction log that is being written, from its first byte. */
export class TransactionLog {
  readonly #framer = new RecordFramer();
  readonly #log: AppendFile;

  constructor(file: string) {
    this.#log = new AppendFile(file);
    this.#log.append(this.#framer.begin());
  }

  append(record: Uint8Array): void {
    this.#log.append(this.#framer.frame(record));
  }

  sync(): void {
    this.#log.sync();
  }

  close(): void {
    this.#log.close();
  }
}

/** The bytes of a whole log. */
export function* frameLog(records: Iterable<Uint8Array>): Generator<Uint8Array> {
  const framer = new RecordFramer();
  yield framer.begin();
  for (const record of records) yield framer.frame(record);
}

/**
 * Records of a log. A tail that is cut off, as a killed process leaves it, ends the log.
 *
 * @throws {InputError} when anything before the tail is damaged
 */
export function readTransactionLog(file: string): Uint8Array[] {
  const bytes = readFileSync(file);
  if (bytes.length < fileHeader.length) return [];
  if (!bytes.subarray(0, fileHeader.length).equals(fileHeader)) {
    throw new InputError(`Cannot read ${file}: expected a W&B transaction log of version 0`);
  }
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  let offset = fileHeader.length;
  while (true) {
    const left = blockBytes - (offset % blockBytes);
    if (left < chunkHeaderBytes) offset += left;
    const start = offset + chunkHeaderBytes;
    if (start > bytes.length) return records;
    const end = start + bytes.readUInt16LE(offset + 4);
    if (end > bytes.length) return records;
    if (bytes.readUInt32LE(offset) !== crc32(bytes.subarray(offset + 6, end))) {
      throw new InputError(`Cannot read ${file}: wrong checksum at byte ${offset}`);
    }
    const type = bytes[offset + 6];
    parts.push(bytes.subarray(start, end));
    if (type === chunkType.full || type === chunkType.last) {
      records.push(Buffer.concat(parts));
      parts = [];
    }
    offset = end;
  }
}
