import { deflateRawSync } from "node:zlib";

export interface ZipOptions {
  /** Compress the files. Default: no. */
  deflate?: boolean;
}

/** A zip archive of some files, with no checksums. */
export function zipBytes(
  files: Readonly<Record<string, Uint8Array>>,
  { deflate = false }: ZipOptions = {},
): Uint8Array {
  const bodies: Buffer[] = [];
  const table: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = deflate ? deflateRawSync(content) : Buffer.from(content);
    const label = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0); // version
    shared.writeUInt16LE(deflate ? 8 : 0, 4);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(label.length, 22);
    const body = Buffer.concat([Buffer.from("PK\x03\x04"), shared, label, data]);
    const position = Buffer.alloc(4);
    position.writeUInt32LE(offset);
    const made = Buffer.from("PK\x01\x02\x14\0");
    table.push(Buffer.concat([made, shared, Buffer.alloc(10), position, label]));
    bodies.push(body);
    offset += body.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(table.length, 4);
  end.writeUInt16LE(table.length, 6);
  end.writeUInt32LE(Buffer.concat(table).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, ...table, Buffer.from("PK\x05\x06"), end]);
}
