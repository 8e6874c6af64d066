import { linear, type WeightFormat } from "../../framework/decode/linearForms.ts";
import { ModelGraph } from "../../framework/decode/modelGraph.ts";
import { allocate, RuntimeValue, Session } from "../../framework/runtime/session.ts";

/** Features times weights, as ONNX Runtime multiplies them in a format. */
export function linearOutput(
  features: Float32Array,
  weights: Float32Array,
  format: WeightFormat,
  inputs = 96,
): Float32Array {
  const [rows, outputs] = [features.length / inputs, weights.length / inputs];
  const graph = new ModelGraph();
  const x = graph.input("x", "float32", ["rows", inputs]);
  const weight = { name: "weight", shape: [outputs, inputs], values: weights };
  graph.output("y", linear(graph, x, { weight }, format), ["rows", outputs]);
  const { bytes, inputNames, outputNames, weights: given } = graph.finish(false);
  const values = new Map(
    given.map(({ name, shape, values: array }) => [
      name,
      new RuntimeValue(array, "float32", shape),
    ]),
  );
  const options = ["all", "cpu", "sameSize", values] as const;
  const session = new Session(bytes, inputNames, outputNames, ...options);
  const input = new RuntimeValue(allocate("float32", features.length), "float32", [rows, inputs]);
  input.array.set(features);
  const y = new Float32Array(new ArrayBuffer(rows * outputs * 4));
  session.bind([input], [new RuntimeValue(y, "float32", [rows, outputs])]).run();
  session.dispose();
  return y;
}
