import { crc32 } from "node:zlib";

import { InputError } from "../../base/errors.ts";
import { readRegularFile } from "../../base/readRegularFile.ts";
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

  /** The chunks of one record, padding included, behind each other. */
  frame(record: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let taken = 0;
    for (let isFirst = true; isFirst || taken < record.length; isFirst = false) {
      if (this.#left() < chunkHeaderBytes) this.#push(parts, new Uint8Array(this.#left()));
      const data = record.subarray(taken, taken + this.#left() - chunkHeaderBytes);
      taken += data.length;
      this.#push(parts, chunkHeader(typeOf(isFirst, taken === record.length), data));
      this.#push(parts, data);
    }
    return parts;
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

/** Of the chunk's type, with which its checksum begins. */
const typeCrcs = Array.from({ length: 5 }, (_, type) => crc32(Uint8Array.of(type)));

function chunkHeader(type: number, data: Uint8Array): Uint8Array {
  const header = Buffer.allocUnsafe(chunkHeaderBytes);
  const typeCrc = typeCrcs[type]!;
  header.writeUInt32LE(data.length > 0 ? crc32(data, typeCrc) : typeCrc, 0);
  header.writeUInt16LE(data.length, 4);
  header[6] = type;
  return header;
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
    this.together(() => {
      for (const part of this.#framer.frame(record)) this.#log.append(part);
    });
  }

  /** Appends in one write what `work` appends. */
  together(work: () => void): void {
    this.#log.together(work);
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
  for (const record of records) yield Buffer.concat(framer.frame(record));
}

/**
 * Records of a log. A tail that is cut off, as a killed process leaves it, ends the log.
 *
 * @throws {InputError} when anything before the tail is damaged
 */
export function readTransactionLog(file: string): Uint8Array[] {
  const { records, damagedAt } = salvageTransactionLog(file);
  if (damagedAt === undefined) return records;
  throw new InputError(`Cannot read ${file}: wrong checksum at byte ${damagedAt}`);
}

/** What can be read of a log. */
export interface SalvagedLog {
  readonly records: Uint8Array[];
  /** Byte of the first chunk whose checksum is wrong. */
  readonly damagedAt?: number;
  /** Whether the last chunk is not whole. */
  readonly isCut: boolean;
}

/**
 * Records of a log that may be damaged. After a wrong checksum it is read from the next chunk that is
 * sound: the one behind, or as W&B's own reader does, the first of the next block.
 *
 * @throws {InputError} when it is no such log
 */
export function salvageTransactionLog(file: string): SalvagedLog {
  const bytes = readRegularFile(file);
  if (bytes.length < fileHeader.length) return { records: [], isCut: true };
  if (!bytes.subarray(0, fileHeader.length).equals(fileHeader)) {
    throw new InputError(`Cannot read ${file}: expected a W&B transaction log of version 0`);
  }
  const records: Uint8Array[] = [];
  const open = new OpenRecord();
  let damagedAt: number | undefined;
  for (let offset = fileHeader.length; ;) {
    const left = blockBytes - (offset % blockBytes);
    if (left < chunkHeaderBytes) offset += left;
    const start = offset + chunkHeaderBytes;
    const end = start > bytes.length ? Infinity : start + bytes.readUInt16LE(offset + 4);
    if (end > bytes.length) {
      const isCut = offset < bytes.length;
      return { records, isCut, ...(damagedAt !== undefined && { damagedAt }) };
    }
    if (isSound(bytes, offset)) {
      const record = open.add(bytes[offset + 6]!, bytes.subarray(start, end));
      if (record) records.push(record);
      offset = end;
    } else {
      damagedAt ??= offset;
      open.drop();
      offset = isSound(bytes, end) ? end : offset + blockBytes - (offset % blockBytes);
    }
  }
}

/** Whether a whole chunk with its checksum begins there. */
function isSound(bytes: Buffer, offset: number): boolean {
  const start = offset + chunkHeaderBytes;
  if (start > bytes.length || blockBytes - (offset % blockBytes) < chunkHeaderBytes) return false;
  const end = start + bytes.readUInt16LE(offset + 4);
  if (end > bytes.length) return false;
  return bytes.readUInt32LE(offset) === crc32(bytes.subarray(offset + 6, end));
}

/** Chunks of a record whose last one has not come yet. */
class OpenRecord {
  #parts: Uint8Array[] | undefined;

  /** @returns the record when it is whole; chunks without their first are passed over */
  add(type: number, data: Uint8Array): Uint8Array | undefined {
    if (type === chunkType.full || type === chunkType.first) this.#parts = [];
    this.#parts?.push(data);
    if (!this.#parts || (type !== chunkType.full && type !== chunkType.last)) return undefined;
    const record = Buffer.concat(this.#parts);
    this.drop();
    return record;
  }

  drop(): void {
    this.#parts = undefined;
  }
}
