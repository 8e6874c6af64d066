import { readSafetensors } from "../../../framework/weights/safetensors.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { inFile } from "../scratch.ts";

const write = inFile("safetensors", "model.safetensors");

/** A file with this header, whose length is right. */
function withHeader(header: object, bytes: number): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(bytes, 1)]);
}

/** Files of tensors. Of half of them the header's length is mended. */
export const target: FuzzTarget = {
  name: "safetensors",
  covers: ["framework/weights/"],
  seeds: [
    withHeader({ a: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] } }, 8),
    withHeader(
      {
        __metadata__: { format: "pt" },
        "x.weight": { dtype: "BF16", shape: [3], data_offsets: [0, 6] },
        y: { dtype: "I64", shape: [], data_offsets: [6, 14] },
        z: { dtype: "BOOL", shape: [0, 4], data_offsets: [14, 14] },
        h: { dtype: "F16", shape: [1], data_offsets: [14, 16] },
      },
      16,
    ),
  ],
  words: ['"dtype":"', '"shape":[', '"data_offsets":[', "__metadata__", "F64", "I8", "U8", "{}"],
  run(input) {
    const bytes = Buffer.from(input);
    const end = bytes.lastIndexOf("}");
    if (end > 8 && (bytes[7]! & 1) === 0) bytes.writeBigUInt64LE(BigInt(end - 7));
    return readSafetensors(write(bytes));
  },
};
