import { expect } from "chai";
import { describe, it } from "mocha";
import { tokenDocuments } from "seedbed";

import { packedLoader, packedRows } from "../../../../experiments/nano/data/loaders.ts";
import { tokenizer } from "../letterTokenizer.ts";

describe("packedRows() and packedLoader()", () => {
  it("read the rests of longer documents only where they are asked to", () => {
    const documents = tokenDocuments([{ ids: Array.from({ length: 10 }, (_, i) => 20 + i) }]);
    const rowsOf = (rests: object): number[] => [
      packedRows(documents, tokenizer, { length: 4, ...rests }).length,
      packedLoader(documents, tokenizer, { length: 4, batchSize: 1, ...rests }).length,
    ];
    expect(rowsOf({})).to.deep.equal([1, 1]);
    expect(rowsOf({ rests: false })).to.deep.equal([1, 1]);
    expect(rowsOf({ rests: true })).to.deep.equal([3, 3]);
  });
});
