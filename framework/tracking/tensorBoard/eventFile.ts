import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { AppendFile } from "../appendFile.ts";
import type { MetricsRow } from "../logger.ts";
import { maskedCrc32c } from "./crc32c.ts";
import { encodeEvent, sessionStarted, type TensorBoardEvent } from "./proto.ts";
import { ScalarEncoder } from "./scalarEncoder.ts";

const lengthBytes = 8;
const crcBytes = 4;

/** One TFRecord: length, checksum of the length, data, checksum of the data, little-endian. */
export function frameRecord(data: Uint8Array): Buffer {
  return Buffer.concat([headOf(data), data, tailOf(data)]);
}

function headOf({ length }: Uint8Array): Uint8Array {
  const head = Buffer.allocUnsafe(lengthBytes + crcBytes);
  head.writeUInt32LE(length % 2 ** 32, 0);
  head.writeUInt32LE(Math.floor(length / 2 ** 32), 4);
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, lengthBytes)), lengthBytes);
  return head;
}

function tailOf(data: Uint8Array): Uint8Array {
  const tail = Buffer.allocUnsafe(crcBytes);
  tail.writeUInt32LE(maskedCrc32c(data), 0);
  return tail;
}

const namePattern = /^events\.out\.tfevents\.(\d{10})\./;

/**
 * Name of a folder's next event file. Readers take files in the order of their names and never
 * go back, so its time is later than that of every file already there.
 */
function nextName(folder: string, nowSeconds: number): string {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const times = names.map((name) => Number(namePattern.exec(name)?.[1] ?? -1));
  const time = Math.max(Math.floor(nowSeconds), ...times.map((taken) => taken + 1));
  return `events.out.tfevents.${String(time).padStart(10, "0")}.${hostname()}.${process.pid}.0`;
}

export interface EventFileOptions {
  /** Seconds since 1970 of the file's first event, and of its name. */
  nowSeconds: number;
  /**
   * First step of this file. When it goes on where another ended, readers forget that one's events
   * from this step on.
   */
  firstStep?: number;
}

/** A TensorBoard event file that is being written: one writer to a folder at a time. */
export class EventFile {
  readonly #log: AppendFile;
  readonly #scalars = new ScalarEncoder();

  constructor(folder: string, { nowSeconds, firstStep = 0 }: EventFileOptions) {
    this.#log = new AppendFile(path.join(folder, nextName(folder, nowSeconds)));
    this.write([
      {
        wallTime: nowSeconds,
        fileVersion: "brain.Event:2",
        sourceMetadata: { writer: "seedbed.tracking.eventFile" },
      },
      // readers heed the second start they see, so the first file has one too
      { wallTime: nowSeconds, step: firstStep, sessionLog: { status: sessionStarted } },
    ]);
  }

  get file(): string {
    return this.#log.file;
  }

  /** Appends events in one write, so that a reader never meets half of a batch for long. */
  write(events: readonly TensorBoardEvent[]): void {
    this.#log.append(Buffer.concat(events.map((event) => frameRecord(encodeEvent(event)))));
  }

  /** Appends one event with numbers of tags that have their metadata already. */
  writeScalars(row: MetricsRow): void {
    const data = this.#scalars.encode(row);
    this.together(() => {
      for (const part of [headOf(data), data, tailOf(data)]) this.#log.append(part);
    });
  }

  /** Appends in one write what `work` writes. */
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
