/** @file Scaled dot-product attention and its gradient. The export name is the kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, Lowering } from "../lowering.ts";

interface AttentionAttributes {
  scale: number;
  causal: boolean;
}

/** Added to scores that a query may not see; far below any score, yet finite. */
const hidden = -1e9;

/** 0 where key `s` may be seen by query `t`, i.e. s <= t, else far below. */
function causalMask(builder: GraphBuilder, queries: number, keys: number): GraphValue {
  const mask = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys <= Math.floor(i / keys) ? 0 : hidden,
  );
  return builder.graph.constant("float32", mask, [queries, keys]);
}

/**
 * `q [B, H, T, D]`, `k` and `v` `[B, H, S, D]`. Outputs: `[B, H, T, D]` and the probabilities
 * `[B, H, T, S]`.
 */
export const SeedbedAttention: Lowering<AttentionAttributes> = (
  builder,
  { q, k, v },
  { scale, causal },
) => {
  let scores = builder.matMul(q!, k!, { transposeB: true, alpha: scale });
  if (causal) scores = builder.add(scores, causalMask(builder, q!.shape[2]!, k!.shape[2]!));
  const probabilities = builder.unary("Softmax", scores, { axis: -1 });
  return [builder.matMul(probabilities, v!), probabilities];
};

export const SeedbedAttentionGradient: Lowering<AttentionAttributes> = (
  builder,
  { dy, q, k, v, probabilities },
  { scale },
) => {
  const dv = builder.matMul(probabilities!, dy!, { transposeA: true });
  const dp = builder.matMul(dy!, v!, { transposeB: true });
  const product = builder.mul(dp, probabilities!);
  const total = builder.sum(product, [3], true);
  const ds = builder.sub(product, builder.mul(probabilities!, total));
  const dq = builder.matMul(ds, k!, { alpha: scale });
  const dk = builder.matMul(ds, q!, { transposeA: true, alpha: scale });
  return [dq, dk, dv];
};
