/** @file Scaled dot-product attention and its gradient. The export name is the kernel name. */
import type { GraphValue } from "../../graph/graph.ts";
import type { GraphBuilder, KernelInputs, Lowering } from "../lowering.ts";

interface AttentionAttributes {
  scale: number;
  causal: boolean;
}

interface ChunkedAttentionAttributes extends AttentionAttributes {
  /** Queries of a chunk. */
  rows: number;
}

/** How many times as many probabilities as gradients there are where copies of the latter pay. */
const joinedFrom = 4;
/** Added to scores that a query may not see; far below any score, yet finite. */
const hidden = -1e9;

/** 0 where a query may see a key, else far below. The queries are those of the last keys. */
function causalMask(builder: GraphBuilder, queries: number, keys: number): GraphValue {
  const mask = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys <= keys - queries + Math.floor(i / keys) ? 0 : hidden,
  );
  return builder.graph.constant("float32", mask, [queries, keys]);
}

/** The mask added; one of a single number changes no probability. */
function addMask(
  builder: GraphBuilder,
  scores: GraphValue,
  mask: GraphValue | undefined,
): GraphValue {
  return mask && builder.size(mask) > 1 ? builder.add(scores, mask) : scores;
}

/**
 * `q [B, H, T, D]`, `k` and `v` `[B, H, S, D]`, `mask` broadcasts to `[B, H, T, S]`. Outputs:
 * `[B, H, T, D]` and the probabilities `[B, H, T, S]`.
 */
export const SeedbedAttention: Lowering<AttentionAttributes> = (
  builder,
  { q, k, v, mask },
  { scale, causal },
) => {
  const product = builder.matMul(q!, k!, { transposeB: true, alpha: scale });
  let scores = addMask(builder, product, mask);
  if (causal) scores = builder.add(scores, causalMask(builder, q!.shape[2]!, k!.shape[2]!));
  const probabilities = builder.unary("Softmax", scores, { axis: -1 });
  return [builder.matMul(probabilities, v!), probabilities];
};

export const SeedbedAttentionGradient: Lowering<AttentionAttributes> = (
  builder,
  { dy, q, k, v, out, probabilities },
  { scale },
) => {
  const all = gradients(builder, dy!, { q: q!, k: k!, v: v!, out: out! }, probabilities!, scale);
  return areFewBeside(builder, all, probabilities!) ? computedTogether(builder, all) : all;
};

/** Whether to join gradients, if they can be, costs nothing to speak of. */
function areFewBeside(
  builder: GraphBuilder,
  gradients: Gradients,
  probabilities: GraphValue,
): boolean {
  const size = gradients.reduce((sum, each) => sum + builder.size(each), 0);
  const areAlike = new Set(gradients.map((each) => each.shape[3])).size === 1;
  return areAlike && builder.size(probabilities) >= size * joinedFrom;
}

/**
 * The same values. ONNX Runtime comes to a value when something needs it: attention in parts would
 * keep the probabilities of all parts, and their gradients, until the last `dq` was there and `dk`
 * and `dv` were wanted. As parts of one array they are computed one after the other.
 */
function computedTogether(builder: GraphBuilder, [dq, dk, dv]: Gradients): Gradients {
  const all = builder.concat([dq, dk, dv], 2);
  const [first, second, third] = builder.split(
    all,
    [dq, dk, dv].map((each) => each.shape[2]!),
    2,
  );
  return [first!, second!, third!];
}

type Gradients = [dq: GraphValue, dk: GraphValue, dv: GraphValue];

/** What a query's probabilities and their gradients add up to is known from `out` and `dy`. */
function gradients(
  builder: GraphBuilder,
  dy: GraphValue,
  { q, k, v, out }: { q: GraphValue; k: GraphValue; v: GraphValue; out: GraphValue },
  probabilities: GraphValue,
  scale: number,
): Gradients {
  const dv = builder.matMul(probabilities, dy, { transposeA: true });
  const dp = builder.matMul(dy, v, { transposeB: true });
  const along = builder.sum(builder.mul(dy, out), [3], true);
  const ds = builder.mul(builder.sub(dp, along), probabilities);
  const dq = builder.matMul(ds, k, { alpha: scale });
  const dk = builder.matMul(ds, q, { transposeA: true, alpha: scale });
  return [dq, dk, dv];
}

/** Elements `start` to `end` (exclusive) of one axis. */
function between(
  builder: GraphBuilder,
  x: GraphValue,
  axis: number,
  start: number,
  end: number,
): GraphValue {
  const starts = x.shape.map((_, i) => (i === axis ? start : 0));
  return builder.slice(x, starts, x.shape.with(axis, end));
}

/** Some queries, what they see, and the probabilities with which they do. */
interface Chunk {
  start: number;
  end: number;
  q: GraphValue;
  k: GraphValue;
  v: GraphValue;
  probabilities: GraphValue;
}

function* chunksOf(
  builder: GraphBuilder,
  { q, k, v, mask }: KernelInputs,
  { scale, causal, rows }: ChunkedAttentionAttributes,
): Generator<Chunk> {
  const queries = q!.shape[2]!;
  for (let start = 0; start < queries; start += rows) {
    const end = Math.min(start + rows, queries);
    const keys = causal ? end : k!.shape[2]!;
    const chunk = {
      q: between(builder, q!, 2, start, end),
      k: between(builder, k!, 2, 0, keys),
      v: between(builder, v!, 2, 0, keys),
    };
    const products = causal
      ? causalProducts(builder, chunk.q, chunk.k, { scale, start })
      : builder.matMul(chunk.q, chunk.k, { transposeB: true, alpha: scale });
    const rowsOfMask = mask!.shape[2] === 1 ? mask! : between(builder, mask!, 2, start, end);
    const seen = mask!.shape[3] === 1 ? rowsOfMask : between(builder, rowsOfMask, 3, 0, keys);
    const scores = addMask(builder, products, seen);
    const probabilities = builder.unary("Softmax", scores, { axis: -1 });
    yield { start, end, ...chunk, probabilities };
  }
}

/**
 * Only a chunk's own keys need a mask, the same for each chunk. One for all keys that it sees
 * would be a constant of its own, and all of them grow with the square of the tokens.
 */
function causalProducts(
  builder: GraphBuilder,
  q: GraphValue,
  k: GraphValue,
  { scale, start }: { scale: number; start: number },
): GraphValue {
  const options = { transposeB: true, alpha: scale };
  const keys = k.shape[2]!;
  const own = builder.matMul(q, between(builder, k, 2, start, keys), options);
  const masked = builder.add(own, causalMask(builder, q.shape[2]!, keys - start));
  if (start === 0) return masked;
  const before = builder.matMul(q, between(builder, k, 2, 0, start), options);
  return builder.concat([before, masked], 3);
}

export const SeedbedChunkedAttention: Lowering<ChunkedAttentionAttributes> = (
  builder,
  inputs,
  attributes,
) => {
  const outputs = Array.from(chunksOf(builder, inputs, attributes), ({ probabilities, v }) =>
    builder.matMul(probabilities, v),
  );
  return builder.concat(outputs, 2);
};

/**
 * ONNX Runtime computes the operand of a node that was recorded last first, and would keep what
 * several results need of all chunks until it comes to the last of these. So all that a chunk gives
 * is put into one array, its sum is recorded when that of the next chunk is there, and the three
 * results are parts of one array.
 */
export const SeedbedChunkedAttentionGradient: Lowering<ChunkedAttentionAttributes> = (
  builder,
  { dy, out, ...inputs },
  attributes,
) => {
  const keys = inputs["k"]!.shape[2]!;
  const none = [0, 0, 0, 0];
  const dqs: GraphValue[] = [];
  let [sum, last]: GraphValue[] = [];
  const addLast = (): GraphValue => (sum && last ? builder.add(sum, last) : last!);
  for (const { start, end, probabilities, ...chunk } of chunksOf(builder, inputs, attributes)) {
    const dChunk = between(builder, dy!, 2, start, end);
    const seen = { ...chunk, out: between(builder, out!, 2, start, end) };
    const [dq, ...rest] = gradients(builder, dChunk, seen, probabilities, attributes.scale);
    const missing = none.with(2, keys - chunk.k.shape[2]!);
    const padded = rest.map((each) => builder.pad(each, none, missing));
    const all = builder.concat([dq, ...padded], 2);
    const [own, others] = builder.split(all, [end - start, 2 * keys], 2);
    dqs.push(own!);
    if (last) sum = addLast();
    last = others!;
  }
  const joined = builder.concat(dqs, 2);
  const results = builder.concat([joined, addLast()], 2);
  return builder.split(results, [joined.shape[2]!, keys, keys], 2);
};
