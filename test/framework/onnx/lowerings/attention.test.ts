import * as tf from "@tensorflow/tfjs";

import {
  attentionGradient,
  attentionProbabilities,
  chunkedAttention,
  chunkedAttentionGradient,
  wholeAttention,
} from "../../../../framework/nn/ops/index.ts";
import * as lowerings from "../../../../framework/onnx/lowerings/attention.ts";
import { normal, parityTests, type HostInput, type Row } from "../../../support/parity.ts";

interface Case {
  title: string;
  queries: number;
  keys: number;
  causal: boolean;
  /** Shape of a mask. */
  mask?: number[];
}

const cases: Case[] = [
  { title: "self", queries: 5, keys: 5, causal: false },
  { title: "causal", queries: 5, keys: 5, causal: true },
  { title: "cross", queries: 4, keys: 7, causal: false },
  { title: "one query", queries: 1, keys: 3, causal: false },
  { title: "masked", queries: 5, keys: 4, causal: false, mask: [2, 1, 5, 4] },
  { title: "keys masked", queries: 5, keys: 4, causal: false, mask: [2, 1, 1, 4] },
  { title: "queries masked by head", queries: 5, keys: 5, causal: true, mask: [1, 3, 5, 1] },
  { title: "causal, the last of the tokens", queries: 2, keys: 5, causal: true },
  { title: "many more probabilities than features", queries: 60, keys: 70, causal: false },
  { title: "causal and masked", queries: 5, keys: 5, causal: true, mask: [1, 1, 5, 5] },
];

function inputsOf(queries: number, keys: number): [HostInput, HostInput, HostInput] {
  return [
    normal([2, 3, queries, 4], "q"),
    normal([2, 3, keys, 4], "k"),
    normal([2, 3, keys, 4], "v"),
  ];
}

/** An input that gradients are not asked of: it is not one of the row's. */
function maskOf(shape: number[] = [1, 1, 1, 1]): tf.Tensor {
  const { values } = normal(shape, "mask");
  return tf.tensor(Float32Array.from(values), shape);
}

function rowsFor({ title, queries, keys, causal, mask }: Case): Row[] {
  const scale = 0.5;
  const inputs = inputsOf(queries, keys);
  const dy = normal([2, 3, queries, 4], "dy");
  return [
    {
      kernel: "SeedbedAttention",
      title,
      inputs,
      run: (q, k, v) =>
        wholeAttention({ q: q!, k: k!, v: v!, mask: maskOf(mask) }, { scale, causal }),
    },
    {
      kernel: "SeedbedAttentionGradient",
      title,
      inputs: [dy, ...inputs],
      run: (gradient, q, k, v) => {
        const options = { scale, causal, mask: maskOf(mask) };
        const probabilities = attentionProbabilities(q!, k!, options, keys - queries);
        const out = tf.matMul(probabilities, v!);
        const saved = { q: q!, k: k!, v: v!, mask: options.mask, out, probabilities };
        return attentionGradient(gradient!, saved, { scale, causal });
      },
      gradient: true,
    },
    ...[2, 3].flatMap((rows): Row[] => [
      {
        kernel: "SeedbedChunkedAttention",
        title: `${title}, ${rows} queries a chunk`,
        inputs,
        run: (q, k, v) =>
          chunkedAttention({ q: q!, k: k!, v: v!, mask: maskOf(mask) }, { scale, causal, rows }),
      },
      {
        kernel: "SeedbedChunkedAttentionGradient",
        title: `${title}, ${rows} queries a chunk`,
        inputs: [dy, ...inputs],
        run: (gradient, q, k, v) => {
          const seen = { q: q!, k: k!, v: v!, mask: maskOf(mask) };
          const out = chunkedAttention(seen, { scale, causal, rows });
          return chunkedAttentionGradient(gradient!, { ...seen, out }, { scale, causal, rows });
        },
        gradient: true,
      },
    ]),
  ];
}

parityTests("attention.ts", lowerings, cases.flatMap(rowsFor));
