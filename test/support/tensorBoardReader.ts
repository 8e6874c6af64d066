import { readFileSync } from "node:fs";

import { WireMessage } from "./protobufReader.ts";

/** CRC-32C bit by bit, by the definition. */
function crc32cSlowly(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** One summary value, or another kind of event, in the order of the file. */
export interface ReadEvent {
  wallTime: number;
  step: number;
  fileVersion?: string;
  sessionStatus?: number;
  values: ReadValue[];
}

export interface ReadValue {
  tag: string;
  plugin?: string;
  content?: WireMessage;
  dataClass?: number;
  dtype: number;
  shape: number[];
  floats: number[];
  doubles: number[];
  strings: Buffer[];
}

/**
 * Reads an event file by the format's definition, with both checksums of each record.
 *
 * @param mayBeTorn whether the file may end in a part of a record, which is left out
 */
export function readEventFile(
  file: string,
  { mayBeTorn = false }: { mayBeTorn?: boolean } = {},
): ReadEvent[] {
  const bytes = readFileSync(file);
  const events: ReadEvent[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (mayBeTorn && offset + 12 > bytes.length) break;
    const length = Number(bytes.readBigUInt64LE(offset));
    if (mayBeTorn && offset + 16 + length > bytes.length) break;
    const data = bytes.subarray(offset + 12, offset + 12 + length);
    const crcs = [bytes.readUInt32LE(offset + 8), bytes.readUInt32LE(offset + 12 + length)].map(
      unmask,
    );
    const expected = [bytes.subarray(offset, offset + 8), data].map(crc32cSlowly);
    if (crcs.join() !== expected.join()) throw new Error(`Wrong checksum at byte ${offset}`);
    events.push(readEvent(new WireMessage(data)));
    offset += 16 + length;
  }
  return events;
}

function readEvent(event: WireMessage): ReadEvent {
  return {
    wallTime: event.double(1),
    step: event.int(2),
    ...(event.has(3) && { fileVersion: event.text(3) }),
    ...(event.has(7) && { sessionStatus: event.message(7).int(1) }),
    values: event.has(5) ? event.message(5).messages(1).map(readValue) : [],
  };
}

function readValue(value: WireMessage): ReadValue {
  const tensor = value.message(8);
  const floats = tensor.bytes(5);
  const doubles = tensor.bytes(6);
  const metadata = value.message(9);
  const plugin = metadata.message(1);
  return {
    tag: value.text(1),
    ...(value.has(9) && {
      plugin: plugin.text(1),
      content: plugin.message(2),
      dataClass: metadata.int(4),
    }),
    dtype: tensor.int(1),
    shape: tensor
      .message(2)
      .messages(2)
      .map((dim) => dim.int(1)),
    floats: Array.from({ length: floats.length / 4 }, (_, i) => floats.readFloatLE(4 * i)),
    doubles: Array.from({ length: doubles.length / 8 }, (_, i) => doubles.readDoubleLE(8 * i)),
    strings: tensor.allBytes(8),
  };
}
