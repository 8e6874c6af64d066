/** @file Protobuf's whole numbers: seven bits to a byte, the lowest first. */

/** Bytes of a number from 0 to 2^53. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes a number from 0 to 2^53. @returns where the next byte goes */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = 128 + (rest % 128);
  bytes[at++] = rest;
  return at;
}
