/** @file SiLU and GELU with closed-form gradients. The export name is the kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

const microsoft = "com.microsoft";
/** Slope of the logistic approximation of GELU. Source: Hendrycks & Gimpel 2016, section 2. */
const quickSlope = 1.702;
const tanhScale = Math.sqrt(2 / Math.PI);
const tanhCubic = 0.044715;

/** x sigmoid(slope x): ONNX Runtime has it as one operator. */
function scaledSilu(builder: GraphBuilder, x: GraphValue, slope: number): GraphValue {
  if (builder.target.isPortable) {
    const scaled = slope === 1 ? x : builder.mul(x, builder.scalar(slope));
    return builder.mul(x, builder.unary("Sigmoid", scaled));
  }
  return builder.unary("QuickGelu", x, { alpha: { float: slope } }, microsoft);
}

/** dy d/dx [x sigmoid(slope x)] = dy s (1 + slope x (1 - s)), s = sigmoid(slope x) */
function scaledSiluGradient(
  builder: GraphBuilder,
  dy: GraphValue,
  x: GraphValue,
  slope: number,
): GraphValue {
  const scaled = slope === 1 ? x : builder.mul(x, builder.scalar(slope));
  const s = builder.unary("Sigmoid", scaled);
  const product = builder.mul(scaled, builder.sub(builder.scalar(1), s));
  return builder.mul(dy, builder.mul(s, builder.add(product, builder.scalar(1))));
}

export function silu(builder: GraphBuilder, x: GraphValue): GraphValue {
  return scaledSilu(builder, x, 1);
}

export function siluGradient(builder: GraphBuilder, dy: GraphValue, x: GraphValue): GraphValue {
  return scaledSiluGradient(builder, dy, x, 1);
}

export const SeedbedSilu: Lowering = (builder, { x }) => silu(builder, x!);
export const SeedbedSiluGradient: Lowering = (builder, { dy, x }) => siluGradient(builder, dy!, x!);

interface GeluAttributes {
  /** "none" is exact (error function), "quick" is x sigmoid(1.702 x). */
  approximate: "none" | "tanh" | "quick";
}

export const SeedbedGelu: Lowering<GeluAttributes> = (builder, { x }, { approximate }) => {
  if (approximate === "quick") return scaledSilu(builder, x!, quickSlope);
  return builder.unary("Gelu", x!, { approximate });
};

export const SeedbedGeluGradient: Lowering<GeluAttributes> = (
  builder,
  { dy, x },
  { approximate },
) => {
  if (approximate === "quick") return scaledSiluGradient(builder, dy!, x!, quickSlope);
  const slope = approximate === "tanh" ? tanhSlope(builder, x!) : exactSlope(builder, x!);
  return builder.mul(dy!, slope);
};

/**
 * The normal distribution and x times its density: with u = x / sqrt(2), (1 + erf u)/2 +
 * u exp(-u^2) / sqrt(pi). Half of one more than erf, as the "hard sigmoid" of it, is one operator.
 */
function exactSlope(builder: GraphBuilder, x: GraphValue): GraphValue {
  const u = builder.mul(x, builder.scalar(Math.SQRT1_2));
  const half = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
  const cumulative = builder.unary("HardSigmoid", builder.unary("Erf", u), half);
  const power = builder.sub(builder.scalar(-0.5 * Math.log(Math.PI)), builder.mul(u, u));
  return builder.add(cumulative, builder.mul(u, builder.unary("Exp", power)));
}

/** With t = tanh(u), u = scale (x + cubic x^3): (1 + t)/2 + x (1 - t^2) u' / 2 */
function tanhSlope(builder: GraphBuilder, x: GraphValue): GraphValue {
  const square = builder.mul(x, x);
  const cubic = builder.mul(square, builder.scalar(tanhCubic));
  const u = builder.mul(
    builder.mul(x, builder.add(cubic, builder.scalar(1))),
    builder.scalar(tanhScale),
  );
  const t = builder.unary("Tanh", u);
  const inner = builder.mul(
    builder.add(builder.mul(cubic, builder.scalar(3)), builder.scalar(1)),
    builder.scalar(tanhScale),
  );
  const bend = builder.mul(builder.sub(builder.scalar(1), builder.mul(t, t)), inner);
  const sum = builder.add(builder.add(t, builder.scalar(1)), builder.mul(x, bend));
  return builder.mul(sum, builder.scalar(0.5));
}
