import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { combineLoaders, type CombineMode } from "../../../framework/data/combineLoaders.ts";
import { arrayLoader, createLoader } from "../../../framework/data/createLoader.ts";
import { hasBatch, type DataLoader } from "../../../framework/data/dataLoader.ts";
import { shuffledOrder } from "../../../framework/data/epochOrder.ts";
import { iterableLoader } from "../../../framework/data/iterableLoader.ts";
import { numbersExample } from "./examples.ts";
import { failure } from "./rejection.ts";

/** Batches of one example each, with ids from `first` on. */
function counted(count: number, first: number): DataLoader {
  const examples = Array.from({ length: count }, (_, i) => numbersExample(first + i));
  return arrayLoader(examples, { batchSize: 1 });
}

/** The same, of unknown length. */
function streamed(count: number, first: number): DataLoader {
  const dataset = {
    iterate: () => Array.from({ length: count }, (_, i) => numbersExample(first + i)),
  };
  return iterableLoader({ dataset, batchSize: 1 });
}

/** The ids of every loader in each batch of an epoch; null where a loader's entries are absent. */
async function epochOf(loader: DataLoader, names: string[], epoch = 0) {
  const rows: (number | null)[][] = [];
  for (let index = 0; await hasBatch(loader, epoch, index); index++) {
    const batch = await loader.batch(epoch, index);
    rows.push(names.map((name) => batch[`${name}/id`]?.values[0] ?? null));
  }
  return rows;
}

describe("combineLoaders()", () => {
  // What lightning.pytorch.utilities.CombinedLoader documents for lists of 3 and 2 batches.
  const cases: { mode: CombineMode; want: (number | null)[][] }[] = [
    {
      mode: "maxSizeCycle",
      want: [
        [0, 10],
        [1, 11],
        [2, 10],
      ],
    },
    {
      mode: "minSize",
      want: [
        [0, 10],
        [1, 11],
      ],
    },
    {
      mode: "maxSize",
      want: [
        [0, 10],
        [1, 11],
        [2, null],
      ],
    },
    {
      mode: "sequential",
      want: [
        [0, null],
        [1, null],
        [2, null],
        [null, 10],
        [null, 11],
      ],
    },
  ];
  for (const { mode, want } of cases) {
    it(`${mode} of loaders whose length is known`, async () => {
      const loader = combineLoaders({ a: counted(3, 0), b: counted(2, 10) }, mode);
      expect(loader.length).to.equal(want.length);
      expect("has" in loader).to.equal(false);
      expect(await epochOf(loader, ["a", "b"])).to.deep.equal(want);
      expect(await failure(loader.batch(0, want.length))).to.equal(
        `Cannot load batch ${want.length} of epoch 0: the epoch has ${want.length} batches; ask hasBatch() first`,
      );
    });

    for (const [a, b] of [
      [streamed(3, 0), counted(2, 10)],
      [counted(3, 0), streamed(2, 10)],
      [streamed(3, 0), streamed(2, 10)],
    ] as const) {
      const which = [a, b].map((loader) => (loader.has ? "unknown" : "known")).join(" and ");
      it(`${mode} of loaders of ${which} length`, async () => {
        const loader = combineLoaders({ a, b }, mode);
        expect(await epochOf(loader, ["a", "b"])).to.deep.equal(want);
        expect(await epochOf(loader, ["a", "b"], 1)).to.deep.equal(want);
        expect(loader.length).to.equal(want.length);
      });
    }
  }

  it("cycles by default and keeps every entry under its loader's name", async () => {
    const loader = combineLoaders({ photo: counted(1, 0), text: counted(2, 7) });
    expect(Object.keys(await loader.batch(0, 1))).to.deep.equal([
      "photo/x",
      "photo/id",
      "text/x",
      "text/id",
    ]);
  });

  /** 2 random numbers an epoch, in random order. */
  const random = createLoader({
    dataset: { length: 2, get: (_, stream) => ({ id: hostTensor(stream.uniforms(1), []) }) },
    order: shuffledOrder(2, 3),
    batchSize: 1,
    seed: 4,
  });
  for (const longest of [counted(5, 0), streamed(5, 0)]) {
    const known = longest.has ? "unknown" : "known";
    it(`draws anew in each pass over a shorter loader, total length ${known}`, async () => {
      const loader = combineLoaders({ longest, random });
      const rows = [
        ...(await epochOf(loader, ["random"])),
        ...(await epochOf(loader, ["random"], 1)),
      ];
      expect(rows).to.have.length(10);
      expect(new Set(rows.flat()).size).to.equal(10);
    });
  }

  it("is the loader itself when there is one", async () => {
    const loader = combineLoaders({ random });
    expect(await loader.batch(4, 1)).to.deep.equal({
      "random/id": (await random.batch(4, 1))["id"],
    });
  });

  it("resumes at any place, also after an end that it has not seen", async () => {
    const fresh = () => combineLoaders({ a: counted(5, 0), b: streamed(2, 10) });
    const want = await epochOf(fresh(), ["a", "b"], 2);
    const resumed = await fresh().batch(2, 3);
    expect([resumed["a/id"]!.values[0], resumed["b/id"]!.values[0]]).to.deep.equal(want[3]);
  });

  it("asks a stream that has ended for what it repeats, and no more", async () => {
    let opened = 0;
    const dataset = {
      iterate() {
        opened++;
        return [numbersExample(0), numbersExample(1)];
      },
    };
    const loader = combineLoaders({
      a: counted(6, 0),
      b: iterableLoader({ dataset, batchSize: 1 }),
    });
    await epochOf(loader, ["a", "b"]);
    expect(opened).to.equal(3); // 6 batches are 3 passes over 2
  });

  it("refuses no loaders, and to repeat an empty one", async () => {
    expect(() => combineLoaders({})).to.throw(RangeError, "at least one, got none");
    const loader = combineLoaders({ a: counted(1, 0), b: streamed(0, 0) });
    expect(await failure(loader.batch(0, 0))).to.equal(
      `Cannot repeat loader "b": epoch 0 has no batch`,
    );
  });

  it("disposes every loader", async () => {
    const disposed: string[] = [];
    const loader = (name: string): DataLoader => ({
      ...counted(1, 0),
      dispose: async () => void disposed.push(name),
    });
    await combineLoaders({ a: loader("a"), b: loader("b"), c: counted(1, 0) }).dispose?.();
    expect(disposed).to.deep.equal(["a", "b"]);
  });
});
