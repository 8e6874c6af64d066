import { expect } from "chai";
import { describe, it } from "mocha";

import {
  feedIn,
  joined,
  nanoEngine,
  nanoGolden,
  part,
  worst,
  type NanoName,
} from "./nanoEngine.ts";

/** Logits of float32 arithmetic in another order; the reference's own are 1e-5 from the truth. */
const tolerance = 1e-4;
const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

const names: NanoName[] = ["smollm2-tiny", "llama3-tiny", "qwen2-tiny", "mistral-swa-tiny"];
for (const name of names) {
  const ids = nanoGolden(name, "input_ids");
  const logits = nanoGolden(name, "logits");
  const length = ids.shape[1]!;
  for (const attention of ["grouped", "primitive"] as const) {
    describe(`DecodeEngine of ${name}, ${attention} attention`, () => {
      for (const [title, chunks] of [
        ["at once", [length]],
        ["token by token", ones(length)],
        ["in chunks", [5, 1, 1, 7, length - 14]],
      ] as const) {
        it(`gives the reference's logits ${title}`, async () => {
          const engine = nanoEngine(name, { attention });
          const got = await feedIn(engine, 0, part(ids, 1), chunks);
          expect(worst(got, part(logits, 1))).to.be.below(tolerance);
          expect(engine.length(0)).to.equal(length);
          await engine.dispose();
        });
      }

      it("decodes rows of other lengths side by side", async () => {
        const engine = nanoEngine(name, { attention, rows: 3, capacity: 40 });
        const texts = [0, 1].map((i) => [...part(ids, i)]);
        await engine.prefill(0, texts[0]!.slice(0, 9));
        await engine.prefill(2, texts[1]!.slice(0, 4));
        const got: number[][] = [[], []];
        for (let i = 0; i < 12; i++) {
          const rows = [
            { row: 2, token: texts[1]![4 + i]! },
            { row: 0, token: texts[0]![9 + i]! },
          ];
          const [second, first] = await engine.step(rows);
          got[0]!.push(...first!);
          got[1]!.push(...second!);
        }
        const vocabulary = engine.config.vocab_size;
        const wanted = [9, 4].map((from, i) =>
          part(logits, i).subarray(from * vocabulary, (from + 12) * vocabulary),
        );
        expect(worst(got[0]!, wanted[0]!)).to.be.below(tolerance);
        expect(worst(got[1]!, wanted[1]!)).to.be.below(tolerance);
        expect([0, 1, 2].map((row) => engine.length(row))).to.deep.equal([21, 0, 16]);
        await engine.dispose();
      });
    });
  }
}

describe("DecodeEngine", () => {
  const name = "smollm2-tiny";
  const text = [...part(nanoGolden(name, "input_ids"), 0)];
  const logits = part(nanoGolden(name, "logits"), 0);
  const vocabulary = 512;
  const last = (tokens: number): Float32Array =>
    logits.subarray((tokens - 1) * vocabulary, tokens * vocabulary);

  it("reads float weights where they lie, if they are bound", async () => {
    const engine = nanoEngine(name, { floatWeights: "bound" });
    expect(worst(joined(await engine.feed(0, text)), logits)).to.be.below(tolerance);
    await engine.dispose();
  });

  it("gives logits of the last tokens alone", async () => {
    const engine = nanoEngine(name);
    const got = await engine.feed(0, text, { chunk: 5, logitsFrom: 18 });
    expect(worst(joined(got), logits.subarray(18 * vocabulary))).to.be.below(tolerance);
    await engine.dispose();
  });

  it("takes tokens back and goes on from there", async () => {
    const engine = nanoEngine(name);
    await engine.feed(0, [...text.slice(0, 10), 1, 2, 3]);
    await engine.truncate(0, 10);
    const got = await engine.prefill(0, text.slice(10));
    expect(worst(got, last(text.length))).to.be.below(tolerance);
    await engine.dispose();
  });

  it("makes one row what another is", async () => {
    const engine = nanoEngine(name, { rows: 2 });
    await engine.prefill(0, text.slice(0, 10));
    await engine.prefill(1, [7, 7]);
    await engine.fork(0, 1);
    await engine.prefill(0, [5, 6, 7]);
    expect(worst(await engine.prefill(1, text.slice(10)), last(text.length))).to.be.below(
      tolerance,
    );
    await engine.dispose();
  });

  it("begins anew after a reset", async () => {
    const engine = nanoEngine(name);
    await engine.prefill(0, [7, 7, 7]);
    await engine.reset(0);
    expect(worst(await engine.prefill(0, text), last(text.length))).to.be.below(tolerance);
    await engine.dispose();
  });

  it("grows its cache with the longest row, up to its capacity", async () => {
    const engine = nanoEngine(name, { rows: 2, capacity: 700 });
    await engine.prefill(1, text.slice(0, 20));
    const before = engine.memory();
    const many = Array.from({ length: 690 }, (_, i) => (i * 7) % vocabulary);
    await engine.prefill(0, many);
    expect(engine.memory().cacheBytes).to.be.above(2 * before.cacheBytes);
    expect(engine.memory().cacheBytesPerToken).to.equal(3 * 2 * 2 * 16 * 4);
    expect(worst(await engine.prefill(1, text.slice(20)), last(text.length))).to.be.below(
      tolerance,
    );
    const [more] = await Promise.allSettled([engine.prefill(0, many.slice(0, 11))]);
    expect(String(more.status === "rejected" && more.reason)).to.include(
      "row 0 holds 690 tokens and has room for 700, got 11 more",
    );
    await engine.prefill(0, many.slice(0, 10));
    await engine.step([{ row: 1, token: 3 }]);
    await engine.dispose();
  });

  it("computes full rows along without touching them", async () => {
    const engine = nanoEngine(name, { rows: 3, capacity: text.length });
    await engine.prefill(1, text);
    await engine.prefill(0, text.slice(0, 3));
    await engine.prefill(2, text.slice(0, 3));
    await engine.step([
      { row: 0, token: 1 },
      { row: 2, token: 2 },
    ]);
    await engine.truncate(1, text.length - 1);
    const got = await engine.prefill(1, text.slice(-1));
    expect(worst(got, last(text.length))).to.be.below(tolerance);
    await engine.dispose();
  });

  for (const [title, act, message] of [
    ["a token beyond the vocabulary", [512], "expected tokens from 0 to 511, got 512"],
    ["no tokens", [], "expected tokens, in chunks of 1 to 128, got 0"],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const engine = nanoEngine(name);
      const [result] = await Promise.allSettled([engine.prefill(0, act)]);
      expect(String(result.status === "rejected" && result.reason)).to.include(message);
      await engine.dispose();
    });
  }

  it("names a weight that is missing", () => {
    const make = (): unknown => nanoEngine(name, { prefix: "model.text_model" });
    expect(make).to.throw('weight "model.text_model.embed_tokens.weight" is missing');
  });
});
