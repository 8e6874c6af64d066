import protobuf from "protobufjs/light.js";

import { maskedCrc32c } from "../tracking/tensorBoard/crc32c.ts";

/** One value of an event: a scalar, or the settings of the hparams table. */
export interface TensorBoardValue {
  readonly tag: string;
  /** Undefined for what is no scalar. */
  readonly scalar: number | undefined;
  /** Content of the plugin's metadata, where there is some. */
  readonly content: Uint8Array | undefined;
}

export interface TensorBoardRecord {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** A process begins here. */
  readonly isStart: boolean;
  readonly values: readonly TensorBoardValue[];
}

const lengthBytes = 8;
const crcBytes = 4;

/**
 * Events of a TensorBoard file of any writer, up to a tail that is not whole yet.
 *
 * @returns whether a checksum was wrong: what follows it is lost
 */
export function* readTensorBoardEvents(file: Buffer): Generator<TensorBoardRecord, boolean> {
  for (let offset = 0; offset + lengthBytes + crcBytes <= file.length;) {
    const start = offset + lengthBytes + crcBytes;
    const head = file.subarray(offset, offset + lengthBytes);
    if (maskedCrc32c(head) !== file.readUInt32LE(offset + lengthBytes)) return true;
    const end = start + Number(head.readBigUInt64LE(0));
    if (end + crcBytes > file.length) return false;
    const data = file.subarray(start, end);
    if (maskedCrc32c(data) !== file.readUInt32LE(end)) return true;
    const record = readEvent(data);
    if (!record) return true;
    yield record;
    offset = end + crcBytes;
  }
  return false;
}

function readEvent(data: Uint8Array): TensorBoardRecord | undefined {
  try {
    let [wallTime, step, isStart] = [NaN, 0, false];
    const values: TensorBoardValue[] = [];
    forEachField(data, (field, reader) => {
      if (field === 1) wallTime = reader.double();
      else if (field === 2) step = Number(reader.int64());
      else if (field === 5) values.push(...readSummary(reader.bytes()));
      else if (field === 7) isStart = readSessionStatus(reader.bytes()) === sessionStarted;
      else return false;
      return true;
    });
    return { wallTime, step, isStart, values };
  } catch {
    return undefined; // bytes that are no message
  }
}

const sessionStarted = 1;

/** @param take tells whether it has read the field; others are passed over */
function forEachField(
  data: Uint8Array,
  take: (field: number, reader: protobuf.Reader) => boolean,
): void {
  const reader = protobuf.Reader.create(data);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!take(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}

function readSessionStatus(data: Uint8Array): number {
  let status = 0;
  forEachField(data, (field, reader) => {
    if (field !== 1) return false;
    status = reader.int32();
    return true;
  });
  return status;
}

function readSummary(data: Uint8Array): TensorBoardValue[] {
  const values: TensorBoardValue[] = [];
  forEachField(data, (field, reader) => {
    if (field !== 1) return false;
    values.push(readValue(reader.bytes()));
    return true;
  });
  return values;
}

function readValue(data: Uint8Array): TensorBoardValue {
  let tag = "";
  let scalar: number | undefined;
  let content: Uint8Array | undefined;
  forEachField(data, (field, reader) => {
    if (field === 1) tag = reader.string();
    else if (field === 2) scalar = reader.float();
    else if (field === 8) scalar = readScalarTensor(reader.bytes());
    else if (field === 9) content = readPluginContent(reader.bytes());
    else return false;
    return true;
  });
  return { tag, scalar, content };
}

const [floatType, doubleType] = [1, 2];

/** A tensor's one number, or undefined when it has axes or no numbers. */
function readScalarTensor(data: Uint8Array): number | undefined {
  let [type, axes] = [0, 0];
  let value: number | undefined;
  let content: Buffer | undefined;
  forEachField(data, (field, reader) => {
    if (field === 1) type = reader.int32();
    else if (field === 2) axes = countDims(reader.bytes());
    else if (field === 4) content = Buffer.from(reader.bytes());
    else if (field === 5 || field === 6) value ??= firstNumber(reader, field === 6);
    else return false;
    return true;
  });
  if (axes > 0 || (type !== floatType && type !== doubleType)) return undefined;
  if (content && content.length > 0)
    return type === floatType ? content.readFloatLE(0) : content.readDoubleLE(0);
  return value ?? 0; // protobuf leaves zeros out
}

/** Of a packed list. */
function firstNumber(reader: protobuf.Reader, isDouble: boolean): number | undefined {
  const bytes = Buffer.from(reader.bytes());
  if (bytes.length === 0) return undefined;
  return isDouble ? bytes.readDoubleLE(0) : bytes.readFloatLE(0);
}

function countDims(data: Uint8Array): number {
  let count = 0;
  forEachField(data, (field, reader) => {
    if (field === 2) count++;
    reader.bytes();
    return true;
  });
  return count;
}

function readPluginContent(data: Uint8Array): Uint8Array | undefined {
  let content: Uint8Array | undefined;
  forEachField(data, (field, reader) => {
    if (field !== 1) return false;
    forEachField(reader.bytes(), (inner, plugin) => {
      if (inner !== 2) return false;
      content = plugin.bytes();
      return true;
    });
    return true;
  });
  return content;
}

/** What a run's hparams say, as far as it is known here. */
export interface TensorBoardSession {
  readonly hparams?: Record<string, string | number | boolean>;
  readonly groupName?: string;
  readonly startSeconds?: number;
  /** 1 for success, 2 for failure. */
  readonly status?: number;
}

/** Of `_hparams_/session_start_info` or `_hparams_/session_end_info`. */
export function readSession(content: Uint8Array): TensorBoardSession {
  let session: TensorBoardSession = {};
  forEachField(content, (field, reader) => {
    if (field === 3) session = readSessionStart(reader.bytes());
    else if (field === 4) session = { status: readSessionStatus(reader.bytes()) };
    else return false;
    return true;
  });
  return session;
}

function readSessionStart(data: Uint8Array): TensorBoardSession {
  const hparams: [string, string | number | boolean][] = [];
  let [groupName, startSeconds] = ["", NaN];
  forEachField(data, (field, reader) => {
    if (field === 1) hparams.push(readHParam(reader.bytes()));
    else if (field === 4) groupName = reader.string();
    else if (field === 5) startSeconds = reader.double();
    else return false;
    return true;
  });
  return { hparams: Object.fromEntries(hparams), groupName, startSeconds };
}

function readHParam(data: Uint8Array): [string, string | number | boolean] {
  let key = "";
  let value: string | number | boolean = "";
  forEachField(data, (field, reader) => {
    if (field === 1) key = reader.string();
    else if (field === 2) value = readProtoValue(reader.bytes());
    else return false;
    return true;
  });
  return [key, value];
}

function readProtoValue(data: Uint8Array): string | number | boolean {
  let value: string | number | boolean = "";
  forEachField(data, (field, reader) => {
    if (field === 2) value = reader.double();
    else if (field === 3) value = reader.string();
    else if (field === 4) value = reader.bool();
    else return false;
    return true;
  });
  return value;
}
