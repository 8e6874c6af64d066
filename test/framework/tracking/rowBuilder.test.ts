import { expect } from "chai";
import { describe, it } from "mocha";

import { metricsOf } from "../../../framework/tracking/metricsRow.ts";
import { RowBuilder } from "../../../framework/tracking/rowBuilder.ts";

type Entry = readonly [name: string, value: number];

describe("RowBuilder", () => {
  const point = { step: 1, epoch: 0, wallTimeSeconds: 2 };

  /** What a row of these should be: an object's keys have this order, and its values too. */
  const expected = (entries: readonly Entry[]): Entry[] => [...new Map(entries)];

  function build(builder: RowBuilder, entries: readonly Entry[]): Entry[] {
    for (const [name, value] of entries) builder.set(name, value);
    return Object.entries(metricsOf(builder.take(point)));
  }

  const rows: Record<string, readonly Entry[]> = {
    "the names of the row before": [
      ["loss", 3],
      ["norm", 4],
      ["rate", 5],
    ],
    "fewer of them": [["loss", 6]],
    "more than these": [
      ["loss", 7],
      ["norm", 8],
      ["rate", 9],
      ["epoch", 10],
    ],
    "the names in another order": [
      ["norm", 11],
      ["loss", 12],
      ["rate", 13],
    ],
    "one in the place of another": [
      ["loss", 14],
      ["accuracy", 15],
      ["rate", 16],
    ],
    "a name twice, whose later number counts": [
      ["loss", 17],
      ["norm", 18],
      ["loss", 19],
      ["rate", 20],
    ],
    "a name twice at the end": [
      ["loss", 21],
      ["norm", 22],
      ["rate", 23],
      ["norm", NaN],
    ],
  };
  for (const [what, entries] of Object.entries(rows)) {
    it(`makes a row with ${what}`, () => {
      const builder = new RowBuilder();
      for (let turn = 0; turn < 2; turn++) {
        build(builder, rows["the names of the row before"]!);
        expect(build(builder, entries)).to.deep.equal(expected(entries));
      }
    });
  }

  it("gives rows of the same names the same array of them", () => {
    const builder = new RowBuilder();
    const names = (...entries: Entry[]): readonly string[] => {
      for (const [name, value] of entries) builder.set(name, value);
      return builder.take(point).names;
    };
    const first = names(["own/a", 1], ["own/b", 2]);
    names(["own/x", 1]);
    expect(names(["own/a", 3], ["own/b", 4])).to.equal(first);
  });

  it("is empty until something comes, and after it was taken", () => {
    const builder = new RowBuilder();
    expect(builder.isEmpty).to.equal(true);
    builder.set("loss", 1);
    expect(builder.isEmpty).to.equal(false);
    expect(builder.take(point).point).to.equal(point);
    expect(builder.isEmpty).to.equal(true);
  });
});
