/**
 * Conversions between float32 and the two 16-bit formats of checkpoints.
 *
 * Source: IEEE 754-2019 binary16; bfloat16 is the upper half of a binary32.
 */
const floatScratch = new Float32Array(1);
const bitScratch = new Uint32Array(floatScratch.buffer);

/** Bits of the binary16 number nearest to `value`, ties to even; beyond 65520 it is infinity. */
export function toHalfBits(value: number): number {
  floatScratch[0] = value;
  const bits = bitScratch[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff); // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above
  if (magnitude < 0x38800000) return sign | subnormalHalf(magnitude); // below 2^-14
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Multiples of 2^-24 nearest to a positive float32 below 2^-14, given by its bits. */
function subnormalHalf(magnitude: number): number {
  if (magnitude <= 0x33000000) return 0; // 2^-25 is a tie, and 0 is even
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const quotient = mantissa >>> shift;
  const remainder = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  const up = remainder > tie || (remainder === tie && (quotient & 1) === 1);
  return up ? quotient + 1 : quotient;
}

/** Bits of a float32 equal to a binary16 number. */
function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  floatScratch[0] = mantissa * 2 ** -24;
  return sign | bitScratch[0]!;
}

let halfTable: Uint32Array | undefined;

/** Exact float32 values of binary16 numbers. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  halfTable ??= Uint32Array.from({ length: 0x10000 }, (_, half) => halfToFloatBits(half));
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halfTable[halves[i]!]!;
  return new Float32Array(bits.buffer);
}

/** Each value rounded to the nearest binary16 number, ties to even. */
export function floatsToHalves(values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toHalfBits(values[i]!);
  return halves;
}

/** Exact float32 values of bfloat16 numbers. */
export function bfloatsToFloats(bfloats: Uint16Array): Float32Array {
  const bits = new Uint32Array(bfloats.length);
  for (let i = 0; i < bfloats.length; i++) bits[i] = bfloats[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** Each value rounded to the nearest bfloat16 number, ties to even. */
export function floatsToBfloats(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (each) => {
    const isNaN = (each & 0x7fffffff) > 0x7f800000;
    // A NaN whose mark lies in the lower half must not become infinity.
    return isNaN ? (each >>> 16) | 0x40 : (each + 0x7fff + ((each >>> 16) & 1)) >>> 16;
  });
}
