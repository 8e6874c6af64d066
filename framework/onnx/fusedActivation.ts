import type { GraphValue } from "../graph/graph.ts";
import type { GraphBuilder, Lowering } from "./lowering.ts";
import { Elu, LeakyRelu, Prelu, Relu, Relu6, Sigmoid } from "./lowerings/elementwise.ts";

/** What TF.js's fused kernels name an activation by. */
export interface FusedActivation {
  activation?: string;
  leakyreluAlpha?: number;
}

/** The activation of a fused kernel on its result; undefined when it is none that we know. */
export function applyActivation(
  builder: GraphBuilder,
  x: GraphValue,
  { activation = "linear", leakyreluAlpha = 0.2 }: FusedActivation,
  alpha: GraphValue | undefined,
): GraphValue | undefined {
  if (activation === "linear") return x;
  const plain = new Map<string, Lowering>([
    ["relu", Relu],
    ["relu6", Relu6],
    ["elu", Elu],
    ["sigmoid", Sigmoid],
  ]).get(activation);
  const result =
    activation === "leakyrelu"
      ? LeakyRelu(builder, { x }, { alpha: leakyreluAlpha })
      : activation === "prelu" && alpha
        ? Prelu(builder, { x, alpha }, {})
        : plain?.(builder, { x }, {});
  return result && "id" in result ? result : undefined;
}
