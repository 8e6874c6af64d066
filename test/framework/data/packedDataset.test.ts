import { expect } from "chai";
import { describe, it } from "mocha";

import { RandomStream } from "../../../framework/base/random.ts";
import { assistantMask } from "../../../framework/data/assistantMask.ts";
import { packDocuments } from "../../../framework/data/packDocuments.ts";
import { packedDataset } from "../../../framework/data/packedDataset.ts";
import { documentAt, tokenDocuments } from "../../../framework/data/tokenDocuments.ts";

const ofLengths = (...lengths: number[]) =>
  tokenDocuments(lengths.map((length, i) => ({ ids: new Array<number>(length).fill(i + 1) })));

/** Lengths of the documents' parts in each row. */
const rowsOf = (lengths: readonly number[], length: number): number[][] =>
  packDocuments(ofLengths(...lengths), length).map((row) =>
    row.map((span) => span.end - span.start),
  );

describe("tokenDocuments()", () => {
  it("joins documents, and gives each back", () => {
    const joined = tokenDocuments([{ ids: [5, 6], learnt: [0, 1] }, { ids: [] }, { ids: [65535] }]);
    expect([...joined.ends]).to.deep.equal([2, 2, 3]);
    expect(documentAt(joined, 0)).to.deep.equal({
      ids: Uint16Array.of(5, 6),
      learnt: Uint8Array.of(0, 1),
    });
    expect(Array.from(documentAt(joined, 2).learnt)).to.deep.equal([1]);
    expect(() => documentAt(joined, 3)).to.throw(RangeError, "expected an index below 3");
  });

  it("refuses ids of more than two bytes, and marks that do not fit", () => {
    expect(() => tokenDocuments([{ ids: [65536] }])).to.throw(
      RangeError,
      "Cannot join documents: expected ids in [0, 65536), got 65536 in document 0",
    );
    expect(() => tokenDocuments([{ ids: [1], learnt: [1, 1] }])).to.throw(
      RangeError,
      "expected 1 marks for document 0, got 2",
    );
  });
});

describe("packDocuments()", () => {
  it("puts each document where it leaves least room", () => {
    expect(rowsOf([5, 4, 6, 3, 2], 10)).to.deep.equal([
      [5, 3, 2],
      [4, 6],
    ]);
    expect(rowsOf([7, 6, 3], 10)).to.deep.equal([[7, 3], [6]]);
  });

  it("cuts only what is longer than a row", () => {
    expect(rowsOf([23, 7], 10)).to.deep.equal([[10], [10], [3, 7]]);
    expect(rowsOf([6, 6, 6], 10)).to.deep.equal([[6], [6], [6]]);
  });

  it("leaves out what a row has no room for, where rests are no documents", () => {
    const rows = packDocuments(ofLengths(23, 7, 4), 10, { rests: false });
    expect(rows).to.deep.equal([
      [{ start: 0, end: 10 }],
      [{ start: 23, end: 30 }],
      [{ start: 30, end: 34 }],
    ]);
  });

  it("leaves out nothing and nothing twice", () => {
    const random = new RandomStream(1, "lengths");
    const lengths = Array.from({ length: 200 }, () => random.integer(70));
    const documents = ofLengths(...lengths);
    const seen = new Uint8Array(documents.ids.length);
    for (const row of packDocuments(documents, 32)) {
      expect(row.reduce((sum, { start, end }) => sum + end - start, 0)).to.be.at.most(32);
      for (const { start, end } of row) for (let i = start; i < end; i++) seen[i]!++;
    }
    expect(seen.every((times) => times === 1)).to.equal(true);
  });

  it("refuses rows without room for a token and its successor", () => {
    expect(() => packDocuments(ofLengths(1), 1)).to.throw(RangeError, "length must be an integer");
  });
});

describe("packedDataset()", () => {
  const documents = tokenDocuments([
    { ids: [11, 12, 13], learnt: [0, 0, 1] },
    { ids: [21, 22] },
    { ids: [31, 32, 33, 34, 35, 36, 37, 38] },
  ]);
  const dataset = packedDataset(documents, { length: 6, padId: 0 });
  const row = async (index: number) => {
    const example = await dataset.get(index, new RandomStream(0, "unused"));
    return Object.fromEntries(
      Object.entries(example).map(([name, { values }]) => [name, [...values]]),
    );
  };

  it("gives tokens, what is learnt of them, documents and positions", async () => {
    expect(dataset.length).to.equal(3);
    expect(await row(0)).to.deep.equal({
      ids: [11, 12, 13, 21, 22, 0],
      labels: [-100, -100, 13, -100, 22, -100],
      documents: [1, 1, 1, 2, 2, 0],
      positions: [0, 1, 2, 0, 1, 0],
    });
    expect(await row(1)).to.deep.include({ labels: [-100, 32, 33, 34, 35, 36] });
    expect(await row(2)).to.deep.equal({
      ids: [37, 38, 0, 0, 0, 0],
      labels: [-100, 38, -100, -100, -100, -100],
      documents: [1, 1, 0, 0, 0, 0],
      positions: [0, 1, 0, 0, 0, 0],
    });
  });

  it("says how many rows there are when asked for another", () => {
    expect(() => dataset.get(3, new RandomStream(0, "unused"))).to.throw(
      RangeError,
      "Cannot read row 3: the documents fill 3",
    );
  });
});

describe("assistantMask()", () => {
  const marks = { start: [1, 7], end: 2 };

  it("marks the assistant's turns and the token that ends each", () => {
    const ids = [1, 5, 40, 2, 1, 7, 41, 42, 2, 9, 1, 5, 7, 2, 1, 7, 2];
    expect([...assistantMask(ids, marks)]).to.deep.equal([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
  });

  it("refuses a turn without an end", () => {
    expect(() => assistantMask([1, 7, 40], marks)).to.throw(
      RangeError,
      "expected token 2 at the end of each, got none after the last",
    );
  });
});
