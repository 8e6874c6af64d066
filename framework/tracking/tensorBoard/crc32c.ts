const polynomial = 0x82f63b78; // Castagnoli's, bits reflected

/** Bytes that are taken at once. */
const slices = 8;

/**
 * What a byte adds to a checksum: 256 numbers for the last byte, then for the one before it, and so on.
 * Source: Kounavis and Berry 2005, "A Systematic Approach to Building High Performance Software-based
 * CRC Generators".
 */
const table = makeTable();

function makeTable(): Int32Array {
  const made = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1;
    }
    made[byte] = remainder;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256]!;
    made[i] = made[before & 0xff]! ^ (before >>> 8);
  }
  return made;
}

/** CRC-32C (Castagnoli), as an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % slices);
  let crc = ~0;
  let i = 0;
  for (; i < whole; i += slices) {
    const first = crc ^ words.getInt32(i, true);
    const second = words.getInt32(i + 4, true);
    crc =
      table[0x700 | (first & 0xff)]! ^
      table[0x600 | ((first >>> 8) & 0xff)]! ^
      table[0x500 | ((first >>> 16) & 0xff)]! ^
      table[0x400 | (first >>> 24)]! ^
      table[0x300 | (second & 0xff)]! ^
      table[0x200 | ((second >>> 8) & 0xff)]! ^
      table[0x100 | ((second >>> 16) & 0xff)]! ^
      table[second >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The rotated and offset form in which TFRecord files store a CRC-32C. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
