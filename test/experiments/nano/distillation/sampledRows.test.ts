import { expect } from "chai";
import { describe, it } from "mocha";

import {
  promptsOfRows,
  sampledRows,
} from "../../../../experiments/nano/distillation/sampledRows.ts";
import { dialogueLoader, rowLength } from "./tinyTeaching.ts";

describe("promptsOfRows()", () => {
  it("gives what stands before the answers, and the beginnings of texts", async () => {
    const prompts = promptsOfRows(await dialogueLoader(2).batch(0, 0), 3);
    expect(prompts.map(({ tokens }) => tokens)).to.have.deep.members([
      ...[1, 3, 5, 7].map((first) => [first, first + 1, 9]),
      [2, 4, 6],
    ]);
    expect(new Set(prompts.map(({ row }) => row)).size).to.equal(2);
  });
});

describe("sampledRows()", () => {
  it("puts what was added behind each prompt, as far as there is room", async () => {
    const batch = await dialogueLoader(1).batch(0, 0);
    const prompts = [[1, 2], [3], [4, 5]].map((tokens) => ({ row: 0, tokens }));
    const long = Array.from({ length: rowLength - 4 }, () => 6);
    const { ids, labels, compared, documents, positions } = sampledRows(
      batch,
      prompts,
      [[7, 8], long, [9]],
      0,
    );
    const first = (values: ArrayLike<number>): number[] => Array.from(values).slice(0, 8);
    expect(first(ids!.values)).to.deep.equal([1, 2, 7, 8, 4, 5, 9, 0]);
    expect(first(documents!.values)).to.deep.equal([1, 1, 1, 1, 2, 2, 2, 0]);
    expect(first(positions!.values)).to.deep.equal([0, 1, 2, 3, 0, 1, 2, 0]);
    expect(first(compared!.values)).to.deep.equal([-100, -100, 7, 8, -100, -100, 9, -100]);
    expect(new Set(labels!.values)).to.deep.equal(new Set([-100]));
    expect(ids!.shape).to.deep.equal(batch["ids"]!.shape);
  });
});
