import { maskedCrc32c } from "../../tracking/tensorBoard/crc32c.ts";
import { FileWindow } from "./fileWindow.ts";
import { forEachField } from "./protoFields.ts";

/** What kind of value an event carries, still encoded. */
export type TensorBoardForm = "image" | "histogram" | "audio" | "tensor";

/** One value of an event. */
export interface TensorBoardValue {
  readonly tag: string;
  /** Undefined for what is no number by itself. */
  readonly simple: number | undefined;
  /** Undefined for a simple value, and for one that only has metadata. */
  readonly form: TensorBoardForm | undefined;
  /** Message of that form; it shares the memory of the event's record. */
  readonly message: Uint8Array;
  /** Plugin that the value belongs to; "" where it is not said: often at a tag's first value alone. */
  readonly plugin: string;
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
  /** The encoded event, and where it is in the file. */
  readonly data: Buffer;
  readonly offset: number;
}

/** How a file ends: in the middle of a record that may still be written, or with wrong bytes. */
export type FileEnd = "whole" | "cut" | "damaged";

const lengthBytes = 8;
const crcBytes = 4;

/** Events of a TensorBoard file of any writer. What follows a wrong checksum is lost. */
export function* readTensorBoardEvents(file: string): Generator<TensorBoardRecord, FileEnd> {
  const window = new FileWindow(file);
  try {
    for (let offset = 0; ;) {
      const head = window.read(offset, lengthBytes + crcBytes);
      if (head.length === 0) return "whole";
      if (head.length < lengthBytes + crcBytes) return "cut";
      const length = head.subarray(0, lengthBytes);
      if (maskedCrc32c(length) !== head.readUInt32LE(lengthBytes)) return "damaged";
      const start = offset + head.length;
      const bytes = Number(length.readBigUInt64LE(0));
      if (start + bytes + crcBytes > window.size) return "cut";
      const record = window.read(start, bytes + crcBytes);
      if (record.length < bytes + crcBytes) return "cut";
      const data = record.subarray(0, bytes);
      if (maskedCrc32c(data) !== record.readUInt32LE(bytes)) return "damaged";
      const event = readEvent(data);
      if (!event) return "damaged";
      yield { ...event, data, offset: start };
      offset = start + bytes + crcBytes;
    }
  } finally {
    window.close();
  }
}

type EventContent = Omit<TensorBoardRecord, "data" | "offset">;

/** Undefined for bytes that are no event. */
export function readEvent(data: Buffer): EventContent | undefined {
  try {
    let [wallTime, step, isStart] = [NaN, 0, false];
    const values: TensorBoardValue[] = [];
    forEachField(data, (field, reader) => {
      if (field === 1) wallTime = reader.double();
      else if (field === 2) step = Number(reader.int64());
      else if (field === 5) readSummary(reader.bytes(), values);
      else if (field === 7) isStart = readStatus(reader.bytes()) === sessionStarted;
      else return false;
      return true;
    });
    return { wallTime, step, isStart, values };
  } catch {
    return undefined;
  }
}

const sessionStarted = 1;

/** The first field of a message, a small number. */
export function readStatus(data: Uint8Array): number {
  let status = 0;
  forEachField(data, (field, reader) => {
    if (field !== 1) return false;
    status = reader.int32();
    return true;
  });
  return status;
}

/** Adds a summary's values to others. */
function readSummary(data: Uint8Array, values: TensorBoardValue[]): void {
  forEachField(data, (field, reader) => {
    if (field !== 1) return false;
    values.push(readValue(reader.bytes()));
    return true;
  });
}

const forms = new Map<number, TensorBoardForm>([
  [4, "image"],
  [5, "histogram"],
  [6, "audio"],
  [8, "tensor"],
]);

function readValue(data: Uint8Array): TensorBoardValue {
  let tag = "";
  let simple: number | undefined;
  let form: TensorBoardForm | undefined;
  let message: Uint8Array = new Uint8Array();
  let metadata: Pick<TensorBoardValue, "plugin" | "content"> = { plugin: "", content: undefined };
  forEachField(data, (field, reader) => {
    if (field === 1) tag = reader.string();
    else if (field === 2) simple = reader.float();
    else if (field === 9) metadata = readMetadata(reader.bytes());
    else if (forms.has(field)) {
      form = forms.get(field);
      message = reader.bytes();
    } else return false;
    return true;
  });
  return { tag, simple, form, message, ...metadata };
}

function readMetadata(data: Uint8Array): Pick<TensorBoardValue, "plugin" | "content"> {
  let plugin = "";
  let content: Uint8Array | undefined;
  forEachField(data, (field, reader) => {
    if (field !== 1) return false;
    forEachField(reader.bytes(), (inner, pluginData) => {
      if (inner === 1) plugin = pluginData.string();
      else if (inner === 2) content = pluginData.bytes();
      else return false;
      return true;
    });
    return true;
  });
  return { plugin, content };
}
