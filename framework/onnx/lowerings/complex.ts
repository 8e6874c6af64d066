/**
 * @file Complex numbers: float32 values with a last axis more, of real and imaginary part. The
 * export name is the TF.js kernel name.
 */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

export const Complex: Lowering = (builder, { real, imag }) => {
  const parts = [real!, imag!].map((part) =>
    builder.reshape(builder.cast(part, "float32"), [...part.shape, 1]),
  );
  return builder.concat(parts, real!.shape.length);
};

/** The real part at `index` 0, the imaginary at 1. */
function partOf(builder: GraphBuilder, x: GraphValue, index: 0 | 1): GraphValue {
  const shape = x.shape.slice(0, -1);
  const starts = [...shape.map(() => 0), index];
  return builder.reshape(builder.slice(x, starts, [...shape, index + 1]), shape);
}

export const Real: Lowering = (builder, { input }) => partOf(builder, input!, 0);
export const Imag: Lowering = (builder, { input }) => partOf(builder, input!, 1);

/** In float64, where no square is too large or too small. Infinite beside NaN too. */
export const ComplexAbs: Lowering = (builder, { x }) => {
  const exact = builder.cast(x!, "float64");
  const sum = builder.sum(builder.mul(exact, exact), [x!.shape.length - 1]);
  const length = builder.cast(builder.unary("Sqrt", sum), "float32");
  const isInfinite = ([0, 1] as const).map((index) => {
    const part = partOf(builder, x!, index);
    return builder.node("IsInf", [part], { shape: part.shape, dtype: "bool" });
  });
  const either = builder.binary("Or", isInfinite[0]!, isInfinite[1]!);
  return builder.where(either, builder.scalar(Infinity), length);
};

/** Along the last axis of numbers. In float64: ONNX Runtime's way for odd lengths is a rough one. */
const fourier =
  (inverse: 0 | 1): Lowering =>
  (builder, { input }) => {
    const { shape } = input!;
    const length = shape.at(-2)!;
    const batch = builder.size(input!) / length / 2;
    const rows = builder.cast(builder.reshape(input!, [batch, length, 2]), "float64");
    const axis = builder.scalar(1, "int64");
    const transformed = builder.node("DFT", [rows, undefined, axis], rows, { inverse });
    return builder.reshape(builder.cast(transformed, "float32"), shape);
  };

export const FFT: Lowering = fourier(0);
export const IFFT: Lowering = fourier(1);
