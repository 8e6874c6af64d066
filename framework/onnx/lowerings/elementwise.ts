/** @file Kernels that work element by element. The export name is the TF.js kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

/** Functions of real numbers: TF.js computes them in float32 whatever it is given. */
const real =
  (op: string): Lowering =>
  (builder, { x }) =>
    builder.unary(op, builder.cast(x!, "float32"));

/** Operators that keep the type of their input. */
const sameType =
  (op: string): Lowering =>
  (builder, { x }) =>
    x!.dtype === "bool" ? undefined : builder.unary(op, x!);

const arithmetic =
  (op: string): Lowering =>
  (builder, { a, b }) =>
    a!.dtype === "bool" || a!.dtype !== b!.dtype ? undefined : builder.binary(op, a!, b!);

export const Add: Lowering = arithmetic("Add");
export const Sub: Lowering = arithmetic("Sub");
export const Multiply: Lowering = arithmetic("Mul");
export const Maximum: Lowering = arithmetic("Max");
export const Minimum: Lowering = arithmetic("Min");

export const RealDiv: Lowering = (builder, { a, b }) =>
  a!.dtype === "float32" && b!.dtype === "float32" ? builder.div(a!, b!) : undefined;

export const FloorDiv: Lowering = (builder, { a, b }) => {
  const quotient = builder.div(builder.cast(a!, "float32"), builder.cast(b!, "float32"));
  return builder.cast(builder.unary("Floor", quotient), "int32");
};

export const Pow: Lowering = (builder, { a, b }) =>
  a!.dtype === "float32" && b!.dtype === "float32" ? builder.binary("Pow", a!, b!) : undefined;

export const SquaredDifference: Lowering = (builder, { a, b }) => {
  const difference = builder.sub(a!, b!);
  return builder.mul(difference, difference);
};

export const AddN: Lowering = (builder, inputs) =>
  Object.values(inputs).reduce((sum, x) => builder.add(sum, x));

export const Abs: Lowering = sameType("Abs");
export const Neg: Lowering = sameType("Neg");
export const Relu: Lowering = sameType("Relu");
export const Sign: Lowering = (builder, { x }) =>
  x!.dtype === "float32" ? builder.unary("Sign", x!) : undefined;
export const Exp: Lowering = real("Exp");
export const Log: Lowering = real("Log");
export const Sqrt: Lowering = real("Sqrt");
export const Sin: Lowering = real("Sin");
export const Cos: Lowering = real("Cos");
export const Tan: Lowering = real("Tan");
export const Asin: Lowering = real("Asin");
export const Acos: Lowering = real("Acos");
export const Atan: Lowering = real("Atan");
export const Sinh: Lowering = real("Sinh");
export const Cosh: Lowering = real("Cosh");
export const Asinh: Lowering = real("Asinh");
export const Acosh: Lowering = real("Acosh");
export const Atanh: Lowering = real("Atanh");
export const Tanh: Lowering = real("Tanh");
export const Sigmoid: Lowering = real("Sigmoid");
export const Softplus: Lowering = real("Softplus");
export const Erf: Lowering = real("Erf");
export const Elu: Lowering = real("Elu");
export const Reciprocal: Lowering = real("Reciprocal");
export const Floor: Lowering = real("Floor");
export const Ceil: Lowering = real("Ceil");
export const Round: Lowering = real("Round");
export const IsNan: Lowering = (builder, { x }) =>
  builder.node("IsNaN", [x], { shape: x!.shape, dtype: "bool" });
export const IsInf: Lowering = (builder, { x }) =>
  builder.node("IsInf", [x], { shape: x!.shape, dtype: "bool" });

export const Square: Lowering = (builder, { x }) => builder.mul(x!, x!);

export const Rsqrt: Lowering = (builder, { x }) =>
  builder.unary("Reciprocal", builder.unary("Sqrt", builder.cast(x!, "float32")));

/** min(max(x, 0), 6) */
export const Relu6: Lowering = (builder, { x }) => clip(builder, x!, 0, 6);

export const ClipByValue: Lowering<{ clipValueMin: number; clipValueMax: number }> = (
  builder,
  { x },
  { clipValueMin, clipValueMax },
) => (x!.dtype === "float32" ? clip(builder, x!, clipValueMin, clipValueMax) : undefined);

function clip(builder: GraphBuilder, x: GraphValue, low: number, high: number): GraphValue {
  return builder.node("Clip", [x, builder.scalar(low, x.dtype), builder.scalar(high, x.dtype)], x);
}

/** TF.js `LeakyRelu`: ONNX calls the slope `alpha` too. */
export const LeakyRelu: Lowering<{ alpha: number }> = (builder, { x }, { alpha }) =>
  builder.unary("LeakyRelu", builder.cast(x!, "float32"), { alpha: { float: alpha } });

export const Prelu: Lowering = (builder, { x, alpha }) => {
  const negative = builder.mul(x!, alpha!);
  return builder.where(builder.binary("Less", x!, builder.scalar(0), "bool"), negative, x!);
};

/** 1 above 0, else `alpha`; NaN stays NaN. */
export const Step: Lowering<{ alpha: number }> = (builder, { x }, { alpha }) => {
  if (x!.dtype !== "float32") return undefined;
  const positive = builder.binary("Greater", x!, builder.scalar(0), "bool");
  const step = builder.where(positive, builder.scalar(1), builder.scalar(alpha));
  const isNaN = builder.node("IsNaN", [x], { shape: x!.shape, dtype: "bool" });
  return builder.where(isNaN, x!, step);
};
