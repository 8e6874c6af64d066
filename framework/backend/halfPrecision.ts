import type { MixedPrecision, Precision } from "../base/precision.ts";
import type { Graph, HalfType, Program } from "../graph/graph.ts";
import { useMixedPrecision } from "../graph/passes/mixedPrecision.ts";
import type { Device } from "../runtime/device.ts";
import { hasFloat16 } from "./webGpu.ts";

const halfTypes: Readonly<Record<MixedPrecision, HalfType>> = {
  "16-mixed": "float16",
  "bf16-mixed": "bfloat16",
};

/** Rewrites a program for a precision, for the CPU or for a device that has it. */
export function inPrecision(
  precision: Precision,
  program: Program,
  graph: Graph,
  device?: Device,
): Program {
  if (precision === "32-true") return program;
  const native = isNative(precision, device);
  return useMixedPrecision(program, { graph, type: halfTypes[precision], native });
}

/**
 * For the log.
 *
 * @param device undefined: the CPU
 * @throws {Error} with the cure when the device cannot compute in it
 */
export function describePrecision(precision: MixedPrecision, device?: Device): string {
  const type = halfTypes[precision];
  if (isNative(precision, device)) {
    return `${precision}: matrix products and convolutions are computed in ${type}`;
  }
  const rounding = `${precision}: what matrix products and convolutions read and give is rounded to ${type}, they are computed in float32`;
  return device
    ? `${rounding}; rounding is done on the CPU, with copies to there and back: slower than 32-true`
    : `${rounding}, since ONNX Runtime has no kernels for it on this CPU: as accurate as ${type}, but slower than 32-true`;
}

/** WebGPU's shaders may have float16, never bfloat16. */
function isNative(precision: MixedPrecision, device: Device | undefined): boolean {
  if (precision === "bf16-mixed" || !device) return false;
  if (hasFloat16()) return true;
  throw new Error(
    "Cannot compute in 16-mixed: the WebGPU device has no shader-f16; set trainer.precision to 32-true, or trainer.backend to ort",
  );
}
