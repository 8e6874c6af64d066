import { expect } from "chai";
import { describe, it } from "mocha";

import { selectLayers } from "../../../framework/nn/selectLayers.ts";

const names = [
  "conv_in.weight",
  "down_blocks.0.attentions.0.attn1.to_q.weight",
  "down_blocks.0.attentions.0.attn2.to_q.weight",
  "down_blocks.10.resnets.0.conv1.bias",
  "mid_block.attentions.0.attn2.to_q.weight",
  "conv_norm_out.weight",
];
const parameters = new Map(names.map((name, i) => [name, i]));
const selected = (...patterns: string[]): number[] => [
  ...selectLayers(parameters, patterns).values(),
];

describe("selectLayers()", () => {
  const cases: { patterns: string[]; expected: number[] }[] = [
    { patterns: ["attn2"], expected: [2, 4] },
    { patterns: ["down_blocks.*"], expected: [1, 2, 3] },
    { patterns: ["down_blocks"], expected: [1, 2, 3] },
    { patterns: ["down_blocks.1"], expected: [] },
    { patterns: ["down_blocks.0.*.to_q"], expected: [1, 2] },
    { patterns: ["conv*"], expected: [0, 3, 5] },
    { patterns: ["mid_block", "attn1", "conv_in.weight"], expected: [0, 1, 4] },
  ];
  for (const { patterns, expected } of cases) {
    it(`finds ${expected.length} parameters for ${patterns.join(" and ")}`, () => {
      if (expected.length > 0) return expect(selected(...patterns)).to.deep.equal(expected);
      expect(() => selected(...patterns)).to.throw(RangeError);
    });
  }

  it("names the patterns that match nothing, with the nearest names", () => {
    expect(() => selected("atn2", "conv_in", "down_block.*", "decoder")).to.throw(
      RangeError,
      'Cannot select layers: no layer is called "atn2" (did you mean "attn2"?) or "down_block.*" (did you mean "down_blocks"?) or "decoder" (known: conv_in, down_blocks, mid_block, conv_norm_out, and what lies in them)',
    );
    expect(() => selected()).to.throw("expected at least one pattern, got none");
  });
});
