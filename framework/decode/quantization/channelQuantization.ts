import { roundHalfToEven } from "./blockQuantization.ts";

/** A matrix in signed codes with one scale for each output: `weight = code * scale`. */
export interface ChannelQuantized {
  readonly outputs: number;
  readonly inputs: number;
  /** From -127 to 127, `[outputs, inputs]`. */
  readonly codes: Int8Array;
  /** `[outputs]` */
  readonly scales: Float32Array;
}

/** Rounds each weight to the nearest of 255 levels, the largest of its output being the last. */
export function roundToChannels(
  weights: Float32Array,
  outputs: number,
  inputs: number,
): ChannelQuantized {
  const codes = new Int8Array(outputs * inputs);
  const scales = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const [start, end] = [output * inputs, (output + 1) * inputs];
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(weights[i]!));
    const scale = Math.fround(largest / 127);
    scales[output] = scale;
    for (let i = start; i < end && scale > 0; i++) {
      codes[i] = Math.min(127, Math.max(-127, roundHalfToEven(weights[i]! / scale)));
    }
  }
  return { outputs, inputs, codes, scales };
}

/** Codes as ONNX Runtime's DynamicQuantizeMatMul reads them: `[inputs, outputs]`. */
export function packChannels({ outputs, inputs, codes }: ChannelQuantized): Int8Array {
  const packed = new Int8Array(outputs * inputs);
  for (let output = 0; output < outputs; output++) {
    for (let i = 0; i < inputs; i++) packed[i * outputs + output] = codes[output * inputs + i]!;
  }
  return packed;
}

/** The weights that the codes stand for, `[outputs, inputs]`. */
export function dequantizeChannels({ inputs, codes, scales }: ChannelQuantized): Float32Array {
  const weights = new Float32Array(codes.length);
  for (const [output, scale] of scales.entries()) {
    for (let i = output * inputs; i < (output + 1) * inputs; i++) weights[i] = codes[i]! * scale;
  }
  return weights;
}
