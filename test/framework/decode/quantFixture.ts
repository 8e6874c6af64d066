import { readSafetensors } from "../../../framework/weights/safetensors.ts";

/** Weights `[40, 96]`, features `[3, 96]`, and what a reference made of them. */
export function quantFixture(): {
  floats: (name: string) => Float32Array;
  bytes: (name: string) => Uint8Array;
} {
  const tensors = readSafetensors("test/fixtures/nano/ops/quant.safetensors");
  return {
    floats: (name) => Float32Array.from(tensors.get(name)!.values),
    bytes: (name) => Uint8Array.from(tensors.get(name)!.values),
  };
}
