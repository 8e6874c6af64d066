import { expect } from "chai";
import { describe, it } from "mocha";

import { kernelFlops, type KernelCall } from "../../../framework/nn/kernelFlops.ts";

type Case = [kernel: string, flops: number, call: Partial<KernelCall>];

const scores = { q: [2, 3, 4, 8], k: [2, 3, 6, 8], v: [2, 3, 6, 8] };
const equal = { q: [1, 1, 5, 2], k: [1, 1, 5, 2], v: [1, 1, 5, 2] };

describe("kernelFlops()", () => {
  // what torch.utils.flop_counter.FlopCounterMode (PyTorch 2.13) counts for layers of these shapes
  const published: Case[] = [
    ["BatchMatMul", 420, { inputs: { a: [6, 5], b: [7, 5] }, output: [6, 7] }],
    ["Conv2D", 8640, { inputs: { x: [2, 9, 8, 3], filter: [3, 3, 3, 4] }, output: [2, 5, 4, 4] }],
    [
      "Conv2DBackpropFilter",
      8640,
      { inputs: { x: [2, 9, 8, 3], dy: [2, 5, 4, 4] }, output: [3, 3, 3, 4] },
    ],
    [
      "SeedbedConv2d",
      5184,
      { inputs: { x: [2, 4, 5, 4], filter: [6, 4, 3, 3], bias: [6] }, output: [2, 6, 3, 2] },
    ],
    [
      "SeedbedConv2dInputGradient",
      5184,
      { inputs: { dy: [2, 6, 3, 2], filter: [6, 4, 3, 3] }, output: [2, 4, 5, 4] },
    ],
    [
      "SeedbedConv2dFilterGradient",
      5184,
      { inputs: { x: [2, 4, 5, 4], dy: [2, 6, 3, 2] }, output: [6, 4, 3, 3] },
    ],
    [
      "DepthwiseConv2dNative",
      4536,
      { inputs: { x: [2, 9, 8, 3], filter: [3, 3, 3, 1] }, output: [2, 7, 6, 3] },
    ],
    [
      "Conv3D",
      23040,
      { inputs: { x: [2, 4, 5, 6, 3], filter: [2, 2, 2, 3, 4] }, output: [2, 3, 4, 5, 4] },
    ],
    ["SeedbedAttention", 4608, { inputs: scores, output: [2, 3, 4, 8] }],
    ["SeedbedAttentionGradient", 9216, { inputs: scores, output: [2, 3, 4, 8] }],
    [
      "Einsum",
      240,
      {
        inputs: { 0: [2, 3, 4], 1: [2, 4, 5] },
        output: [2, 3, 5],
        attributes: { equation: "bij, bjk -> bik" },
      },
    ],
  ];
  // the same by hand
  const others: Case[] = [
    ["BatchMatMul", 420, { inputs: { a: [5, 6], b: [5, 7] }, output: [6, 7] }], // a transposed
    ["BatchMatMul", 240, { inputs: { a: [1, 3, 4], b: [2, 4, 5] }, output: [2, 3, 5] }],
    [
      "Conv2DBackpropInput",
      8640,
      { inputs: { dy: [2, 5, 4, 4], filter: [3, 3, 3, 4] }, output: [2, 9, 8, 3] },
    ],
    [
      "Conv3DBackpropFilterV2",
      23040,
      { inputs: { x: [2, 4, 5, 6, 3], dy: [2, 3, 4, 5, 4] }, output: [2, 2, 2, 3, 4] },
    ],
    [
      "DepthwiseConv2dNativeBackpropFilter",
      4536,
      { inputs: { x: [2, 9, 8, 3], dy: [2, 7, 6, 3] }, output: [3, 3, 3, 1] },
    ],
    // chunks of 2, 2 and 1 queries see 2, 4 and 5 keys: 17 scores of 2 features, in 2 products
    [
      "SeedbedChunkedAttention",
      2 * 2 * 17 * 2,
      { inputs: equal, output: equal.q, attributes: { causal: true, rows: 2 } },
    ],
    [
      "SeedbedChunkedAttentionGradient",
      2 * 5 * 25 * 2,
      { inputs: equal, output: equal.q, attributes: { causal: false, rows: 2 } },
    ],
    ["Einsum", 0, { inputs: { 0: [2, 3] }, output: [2], attributes: { equation: "ij->i" } }],
    ["Add", 0, { inputs: { a: [3], b: [3] }, output: [3] }],
    ["toString", 0, { inputs: {}, output: [] }],
  ];
  for (const [kernel, flops, { inputs = {}, output = [], attributes = {} }] of [
    ...published,
    ...others,
  ]) {
    it(`counts ${flops} for ${kernel} of ${JSON.stringify(inputs)}`, () => {
      expect(kernelFlops(kernel, { inputs, output, attributes })).to.equal(flops);
    });
  }
});
