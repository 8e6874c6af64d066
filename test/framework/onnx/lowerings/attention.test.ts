import {
  attention,
  attentionGradient,
  attentionProbabilities,
} from "../../../../framework/nn/ops/index.ts";
import * as lowerings from "../../../../framework/onnx/lowerings/attention.ts";
import { normal, parityTests, type HostInput, type Row } from "../../../support/parity.ts";

const cases = [
  { title: "self", queries: 5, keys: 5, causal: false },
  { title: "causal", queries: 5, keys: 5, causal: true },
  { title: "cross", queries: 4, keys: 7, causal: false },
  { title: "one query", queries: 1, keys: 3, causal: false },
];

function inputsOf(queries: number, keys: number): [HostInput, HostInput, HostInput] {
  return [
    normal([2, 3, queries, 4], "q"),
    normal([2, 3, keys, 4], "k"),
    normal([2, 3, keys, 4], "v"),
  ];
}

parityTests(
  "attention.ts",
  lowerings,
  cases.flatMap(({ title, queries, keys, causal }): Row[] => {
    const options = { scale: 0.5, causal };
    const inputs = inputsOf(queries, keys);
    return [
      {
        kernel: "SeedbedAttention",
        title,
        inputs,
        run: (q, k, v) => attention(q!, k!, v!, options),
      },
      {
        kernel: "SeedbedAttentionGradient",
        title,
        inputs: [normal([2, 3, queries, 4], "dy"), ...inputs],
        run: (dy, q, k, v) => {
          const probabilities = attentionProbabilities(q!, k!, options);
          return attentionGradient(dy!, { q: q!, k: k!, v: v!, probabilities }, options);
        },
        gradient: true,
      },
    ];
  }),
);
