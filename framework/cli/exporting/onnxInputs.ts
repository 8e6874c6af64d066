import { hostTensor, type HostTensor } from "../../base/hostTensor.ts";
import { RandomStream } from "../../base/random.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Lengths } from "../../onnx/lengths.ts";
import type { OnnxComponent, OnnxInput } from "./onnxComponents.ts";

/** Inputs of a component at some lengths: normal values, or random ids. The same each time. */
export function onnxInputs(
  { name, inputs }: OnnxComponent,
  lengths: Lengths,
): Map<string, HostTensor> {
  const random = new RandomStream(1, name);
  return new Map(
    Object.entries(inputs).map(([input, kind]) => [input, valuesOf(kind, lengths, random)]),
  );
}

function valuesOf(
  { axes, dtype, below = 1 }: OnnxInput,
  lengths: Lengths,
  random: RandomStream,
): HostTensor {
  const shape = axes.map((axis) => (typeof axis === "string" ? lengths[axis]! : axis));
  const size = sizeOf(shape);
  if (dtype === "float32") return hostTensor(random.normals(size), shape);
  return hostTensor(
    Int32Array.from(random.uniforms(size), (u) => Math.floor(u * below)),
    shape,
  );
}
