import { crc32 } from "node:zlib";

/** What every PNG begins with. */
const signature = Buffer.from("\u0089PNG\r\n\u001a\n", "latin1");
/** The header's length, type, 13 bytes and checksum. */
const headerBytes = 25;

/**
 * Puts a text under a keyword into a PNG, behind its header: `tEXt` if every letter is in Latin-1,
 * else `iTXt`, as Pillow does.
 *
 * Source: PNG specification, third edition, 11.3.3.
 *
 * @param keyword 1 to 79 letters of Latin-1
 * @throws {RangeError} when the bytes are no PNG or the keyword is none
 */
export function withPngText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  const start = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (!isLatin1(keyword) || keyword.length < 1 || keyword.length > 79) {
    throw new RangeError(
      `Cannot write PNG text: expected a keyword of 1 to 79 letters of Latin-1, got "${keyword}"`,
    );
  }
  if (!start.subarray(0, signature.length).equals(signature)) {
    throw new RangeError("Cannot write PNG text: expected a PNG, got other bytes");
  }
  const added = isLatin1(text)
    ? chunk("tEXt", Buffer.from(`${keyword}\0${text}`, "latin1"))
    : chunk("iTXt", Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, "latin1"), utf8(text)]));
  const at = signature.length + headerBytes;
  return Buffer.concat([start.subarray(0, at), added, start.subarray(at)]);
}

const utf8 = (text: string): Buffer => Buffer.from(text, "utf8");

/** A null letter would end the text. */
function isLatin1(text: string): boolean {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).every(
    (code) => code > 0 && code <= 0xff,
  );
}

function chunk(type: "tEXt" | "iTXt", content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
