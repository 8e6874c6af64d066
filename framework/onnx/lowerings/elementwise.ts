/** @file Kernels that work element by element. The export name is the TF.js kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import { broadcastShape, type GraphBuilder, type Lowering } from "../lowering.ts";

/** Source: Klambauer et al. 2017, arXiv:1706.02515, section 2. */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** Functions of real numbers. Of integers TF.js rounds some of their results: left to its kernel. */
const real =
  (op: string): Lowering =>
  (builder, { x }) =>
    x!.dtype === "float32" ? builder.unary(op, x!) : undefined;

/** Roundings, which leave integers as they are. */
const rounding =
  (op: string): Lowering =>
  (builder, { x }) =>
    x!.dtype === "int32" ? x! : real(op)(builder, { x: x! }, {});

/** Questions about real numbers. */
const question =
  (op: string): Lowering =>
  (builder, { x }) =>
    x!.dtype === "float32" ? builder.node(op, [x], { shape: x!.shape, dtype: "bool" }) : undefined;

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

const multiply = arithmetic("Mul");

/**
 * TF.js makes the gradients of sums and means by a product with ones of the shape of what was summed:
 * none of these are kept, as they would be in the graph, the model and the session.
 */
export const Multiply: Lowering = (builder, inputs) => {
  const { a, b } = inputs;
  const other = isOnes(b!) ? a! : isOnes(a!) ? b! : undefined;
  if (other?.dtype !== "float32") return multiply(builder, inputs, {});
  return builder.broadcastTo(other, broadcastShape(a!.shape, b!.shape));
};

/** A constant of more than one element, of which all are 1. */
const isOnes = ({ constant, dtype }: GraphValue): boolean =>
  dtype === "float32" && !!constant && constant.length > 1 && constant.every((x) => x === 1);

export const Maximum: Lowering = arithmetic("Max");
export const Minimum: Lowering = arithmetic("Min");

export const RealDiv: Lowering = (builder, { a, b }) =>
  a!.dtype === "float32" && b!.dtype === "float32" ? builder.div(a!, b!) : undefined;

/**
 * Of int32. ONNX rounds towards zero; dividing by 0, and the least integer by -1, are undefined
 * there, and 0 and the least integer here.
 */
export const FloorDiv: Lowering = (builder, { a, b }) => {
  if (a!.dtype !== "int32" || b!.dtype !== "int32") return undefined;
  const zero = builder.scalar(0, "int32");
  const isZero = builder.binary("Equal", b!, zero, "bool");
  const isMinusOne = builder.binary("Equal", b!, builder.scalar(-1, "int32"), "bool");
  const special = builder.binary("Or", isZero, isMinusOne);
  const divisor = builder.where(special, builder.scalar(1, "int32"), b!);
  const towardsZero = builder.div(a!, divisor);
  const remainder = builder.sub(a!, builder.mul(towardsZero, divisor));
  const compare = (op: string, x: GraphValue): GraphValue => builder.binary(op, x, zero, "bool");
  const opposite = builder.binary(
    "Or",
    builder.binary("And", compare("Less", remainder), compare("Greater", divisor)),
    builder.binary("And", compare("Greater", remainder), compare("Less", divisor)),
  );
  const floor = builder.sub(towardsZero, builder.cast(opposite, "int32"));
  return builder.where(isZero, zero, builder.where(isMinusOne, builder.unary("Neg", a!), floor));
};

export const Pow: Lowering = (builder, { a, b }) =>
  a!.dtype === "float32" && b!.dtype === "float32" ? builder.binary("Pow", a!, b!) : undefined;

export const SquaredDifference: Lowering = (builder, { a, b }) => {
  const difference = builder.sub(a!, b!);
  return builder.mul(difference, difference);
};

/** ONNX's Sum takes real numbers alone. */
export const AddN: Lowering = (builder, inputs) => {
  const [first, ...others] = Object.values(inputs);
  if (others.length < 2 || first!.dtype !== "float32") {
    return others.reduce((sum, x) => builder.add(sum, x), first!);
  }
  return builder.node("Sum", [first!, ...others], first!);
};

export const Abs: Lowering = sameType("Abs");
export const Neg: Lowering = sameType("Neg");
export const Relu: Lowering = sameType("Relu");
/** 0 for NaN, where ONNX has NaN. */
export const Sign: Lowering = (builder, { x }) => {
  if (x!.dtype === "bool") return undefined;
  const zero = builder.scalar(0, x!.dtype);
  const [above, below] = ["Greater", "Less"].map((op) =>
    builder.cast(builder.binary(op, x!, zero, "bool"), x!.dtype),
  );
  return builder.sub(above!, below!);
};

/** The only function of these that gives float32 for integers, rounded once. */
export const Exp: Lowering = (builder, { x }) => {
  if (x!.dtype === "float32") return builder.unary("Exp", x!);
  return builder.cast(builder.unary("Exp", builder.cast(x!, "float64")), "float32");
};
export const Log: Lowering = real("Log");
export const Sqrt: Lowering = real("Sqrt");
export const Sin: Lowering = real("Sin");
export const Cos: Lowering = real("Cos");
/** In float64: near its poles float32 loses digits. ONNX Runtime has no such Tan. */
export const Tan: Lowering = (builder, { x }) => {
  if (x!.dtype !== "float32") return undefined;
  const angle = builder.cast(x!, "float64");
  const ratio = builder.div(builder.unary("Sin", angle), builder.unary("Cos", angle));
  return builder.cast(ratio, "float32");
};
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
export const Floor: Lowering = rounding("Floor");
export const Ceil: Lowering = rounding("Ceil");
export const Round: Lowering = rounding("Round");
export const IsNan: Lowering = question("IsNaN");
export const IsInf: Lowering = question("IsInf");

export const Square: Lowering = (builder, { x }) => builder.mul(x!, x!);

export const Rsqrt: Lowering = (builder, { x }) =>
  x!.dtype === "float32" ? builder.unary("Reciprocal", builder.unary("Sqrt", x!)) : undefined;

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

/** Of integers too TF.js makes float32. */
export const Prelu: Lowering = (builder, inputs) => {
  const [x, alpha] = [inputs["x"]!, inputs["alpha"]!].map((each) => builder.cast(each, "float32"));
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

/** A remainder with the sign of the divisor. */
export const Mod: Lowering = (builder, { a, b }) => {
  if (a!.dtype !== "float32" || b!.dtype !== "float32") return undefined;
  const remainder = (x: GraphValue): GraphValue =>
    builder.node(
      "Mod",
      [x, b],
      { shape: broadcastShape(x.shape, b!.shape), dtype: "float32" },
      { fmod: 1 },
    );
  const zero = builder.scalar(0);
  const compare = (op: string, x: GraphValue): GraphValue => builder.binary(op, x, zero, "bool");
  const sameSign = builder.binary(
    "Or",
    builder.binary("And", compare("Less", a!), compare("Less", b!)),
    builder.binary("And", compare("GreaterOrEqual", a!), compare("GreaterOrEqual", b!)),
  );
  const first = remainder(a!);
  return builder.where(sameSign, first, remainder(builder.add(first, b!)));
};

/**
 * The angle of the point (b, a). From that of (|b|, |a|), 0 to pi/2; the signs, also those of
 * zeros, say in which quarter it lies. Both infinite are like both 1, both zero like a = 0.
 */
export const Atan2: Lowering = (builder, { a, b }) => {
  if (a!.dtype !== "float32" || b!.dtype !== "float32") return undefined;
  const [zero, infinity] = [builder.scalar(0), builder.scalar(Infinity)];
  const isNegative = (x: GraphValue): GraphValue =>
    builder.binary(
      "Or",
      builder.binary("Less", x, zero, "bool"),
      builder.binary("Equal", builder.unary("Reciprocal", x), builder.scalar(-Infinity), "bool"),
    );
  const [height, width] = [a!, b!].map((each) => builder.unary("Abs", each));
  const both = (value: GraphValue): GraphValue =>
    builder.binary(
      "And",
      builder.binary("Equal", height!, value, "bool"),
      builder.binary("Equal", width!, value, "bool"),
    );
  const slope = builder.where(both(infinity), builder.scalar(1), builder.div(height!, width!));
  const angle = builder.unary("Atan", builder.where(both(zero), zero, slope));
  const turned = builder.sub(builder.scalar(Math.PI), angle);
  const upper = builder.where(isNegative(b!), turned, angle);
  return builder.where(isNegative(a!), builder.unary("Neg", upper), upper);
};

export const BitwiseAnd: Lowering = (builder, { a, b }) =>
  a!.dtype === "int32" && b!.dtype === "int32" ? builder.binary("BitwiseAnd", a!, b!) : undefined;

/** e^x - 1 = tanh(x/2) (e^x + 1), which loses nothing near 0. */
export const Expm1: Lowering = (builder, { x }) => {
  if (x!.dtype !== "float32") return undefined;
  const tanh = builder.unary("Tanh", builder.mul(x!, builder.scalar(0.5)));
  return builder.mul(tanh, builder.add(builder.unary("Exp", x!), builder.scalar(1)));
};

/**
 * log(1 + x). With u the rounded 1 + x, log(u) x / (u - 1) makes good for what rounding lost.
 *
 * Source: Goldberg 1991, "What every computer scientist should know about floating-point
 * arithmetic", theorem 4.
 */
export const Log1p: Lowering = (builder, { x }) => {
  if (x!.dtype !== "float32") return undefined;
  const one = builder.scalar(1);
  const u = builder.add(x!, one);
  const lost = builder.div(builder.mul(builder.unary("Log", u), x!), builder.sub(u, one));
  const small = builder.binary("Equal", u, one, "bool");
  const infinite = builder.binary("Equal", x!, builder.scalar(Infinity), "bool");
  return builder.where(builder.binary("Or", small, infinite), x!, lost);
};

export const Selu: Lowering = (builder, { x }) =>
  x!.dtype === "float32"
    ? builder.unary("Selu", x!, { alpha: { float: seluAlpha }, gamma: { float: seluScale } })
    : undefined;

/** dy times the slope of ELU, which is 1 above 0 and y + 1 below. */
export const EluGrad: Lowering = (builder, { dy, y }) => {
  const positive = builder.binary("GreaterOrEqual", y!, builder.scalar(0), "bool");
  return builder.where(positive, dy!, builder.mul(dy!, builder.add(y!, builder.scalar(1))));
};

export const IsFinite: Lowering = (builder, { x }) => {
  if (x!.dtype !== "float32") return undefined;
  const ask = (op: string): GraphValue => builder.node(op, [x], { shape: x!.shape, dtype: "bool" });
  return builder.unary("Not", builder.binary("Or", ask("IsNaN"), ask("IsInf")));
};
