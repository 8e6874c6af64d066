import { Graph, programFor } from "../../framework/graph/graph.ts";
import { encodeModel } from "../../framework/onnx/modelProto.ts";
import {
  allocate,
  RuntimeValue,
  Session,
  type BoundType,
} from "../../framework/runtime/session.ts";

/** Features in codes of 8 bits: `feature = (code - zeroPoint) * scale`. */
export interface RoundedFeatures {
  readonly codes: Uint8Array;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Features as ONNX Runtime rounds them before it multiplies them with weights in int8. */
export function roundedFeatures(features: Float32Array): RoundedFeatures {
  const graph = new Graph();
  const shape = [features.length];
  const types = ["uint8", "float32", "uint8"] as const;
  const outputs = types.map((dtype, i) => ({ dtype, shape: i === 0 ? shape : [] }));
  const values = graph.node("DynamicQuantizeLinear", [graph.input("float32", shape)], {}, outputs);
  const { bytes, inputNames, outputNames } = encodeModel(programFor(values));
  const session = new Session(bytes, inputNames, outputNames);
  const bound = (dtype: BoundType, length: number, dims: readonly number[]): RuntimeValue =>
    new RuntimeValue(allocate(dtype, length), dtype, dims);
  const x = bound("float32", features.length, shape);
  x.array.set(features);
  const [codes, scale, zeroPoint] = [
    bound("uint8", features.length, shape),
    bound("float32", 1, []),
    bound("uint8", 1, []),
  ];
  session.bind([x], [codes, scale, zeroPoint]).run();
  session.dispose();
  return {
    codes: Uint8Array.from(codes.array),
    scale: scale.array[0]!,
    zeroPoint: zeroPoint.array[0]!,
  };
}
