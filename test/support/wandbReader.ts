import { readFileSync } from "node:fs";

import { WireMessage } from "./protobufReader.ts";

/** CRC-32 bit by bit, by the definition. */
function crc32Slowly(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/**
 * Records of a W&B transaction log, read block by block by the format's definition.
 *
 * @param mayBeTorn whether the file may end in a part of a record, which is left out
 */
export function readWandbLog(
  file: string,
  { mayBeTorn = false }: { mayBeTorn?: boolean } = {},
): Buffer[] {
  const bytes = readFileSync(file);
  if (mayBeTorn && bytes.length < 7) return [];
  if (bytes.subarray(0, 7).toString("hex") !== "3a572642e1be00") throw new Error("Wrong header");
  const records: Buffer[] = [];
  let open: Buffer[] | undefined;
  for (let block = 0; block < bytes.length; block += 32768) {
    const end = Math.min(block + 32768, bytes.length);
    for (let offset = block === 0 ? 7 : block; end - offset >= 7;) {
      const length = bytes.readUInt16LE(offset + 4);
      const type = bytes[offset + 6]!;
      if (mayBeTorn && offset + 7 + length > bytes.length) return records;
      if (offset + 7 + length > end) throw new Error(`Chunk at byte ${offset} leaves its block`);
      const checked = bytes.subarray(offset + 6, offset + 7 + length);
      if (bytes.readUInt32LE(offset) !== crc32Slowly(checked))
        throw new Error(`Wrong checksum at ${offset}`);
      const isStart = type === 1 || type === 2;
      if (isStart !== (open === undefined))
        throw new Error(`Chunk of type ${type} out of order at ${offset}`);
      open = [...(open ?? []), checked.subarray(1)];
      if (type === 1 || type === 4) {
        records.push(Buffer.concat(open));
        open = undefined;
      }
      offset += 7 + length;
    }
  }
  return records;
}

/** A record by its kind; values of items as JSON text. */
export interface ReadRecord {
  num: number;
  kind: string;
  message: WireMessage;
  /** Items of a history, summary or config record. */
  items: Record<string, string>;
}

const kinds: Record<number, string> = {
  2: "history",
  3: "summary",
  5: "config",
  6: "files",
  7: "stats",
  8: "artifact",
  13: "output",
  17: "run",
  18: "exit",
  20: "final",
  21: "header",
  22: "footer",
};

export function readWandbRecords(
  file: string,
  options: { mayBeTorn?: boolean } = {},
): ReadRecord[] {
  return readWandbLog(file, options).map((bytes) => {
    const record = new WireMessage(bytes);
    const field = record.fields.find((number) => number in kinds) ?? 0;
    const message = record.message(field);
    return {
      num: record.int(1),
      kind: kinds[field] ?? "unknown",
      message,
      items: ["history", "summary", "config"].includes(kinds[field] ?? "")
        ? readItems(message)
        : {},
    };
  });
}

/** Items lie in field 1 of each record that has some. */
export function readItems(message: WireMessage): Record<string, string> {
  const items = message.messages(1).map((item) => {
    const nested = item.all(2).map(String);
    return [item.has(1) ? item.text(1) : nested.join("."), item.text(16)] as const;
  });
  return Object.fromEntries(items);
}
