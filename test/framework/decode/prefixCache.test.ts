import { expect } from "chai";
import { describe, it } from "mocha";

import { PrefixCache } from "../../../framework/decode/prefixCache.ts";
import { nanoEngine, worst } from "./nanoEngine.ts";

/** Chunks of other sizes add up in another order. */
const tolerance = 2e-5;
const text = Array.from({ length: 30 }, (_, i) => (i * 37 + 11) % 512);
const sibling = [...text.slice(0, 18), 400, 401, 402, 403];
const tokenBytes = 3 * 2 * 2 * 16 * 4;

describe("PrefixCache", () => {
  it("restores a text but for its last token, which gives the same logits", async () => {
    const engine = nanoEngine("smollm2-tiny", { rows: 2 });
    const cache = new PrefixCache(engine, { maxBytes: 1e6 });
    const cold = await engine.prefill(0, text);
    expect(await cache.store(0, text)).to.equal(true);
    expect(await cache.restore(1, text)).to.equal(29);
    expect(engine.length(1)).to.equal(29);
    const warm = await engine.prefill(1, text.slice(29));
    expect(worst(warm, cold)).to.be.below(tolerance);
    await engine.dispose();
  });

  it("shares what texts begin with", async () => {
    const engine = nanoEngine("smollm2-tiny");
    const cache = new PrefixCache(engine, { maxBytes: 1e6 });
    await engine.prefill(0, text);
    await cache.store(0, text);
    expect(await cache.restore(0, sibling)).to.equal(18);
    await engine.prefill(0, sibling.slice(18));
    await cache.store(0, sibling);
    expect(cache.report()).to.deep.include({ tokens: 34, bytes: 34 * tokenBytes });
    for (const whole of [text, sibling]) {
      await engine.reset(0);
      const cold = await engine.prefill(0, whole);
      const found = await cache.restore(0, whole);
      expect(found).to.equal(whole.length - 1);
      const warm = await engine.prefill(0, whole.slice(found));
      expect(worst(warm, cold)).to.be.below(tolerance);
    }
    const { hits, misses, reusedTokens } = cache.report();
    expect({ hits, misses, reusedTokens }).to.deep.equal({ hits: 3, misses: 0, reusedTokens: 68 });
    await engine.dispose();
  });

  it("lets go of the end that was not used for longest", async () => {
    const engine = nanoEngine("smollm2-tiny");
    const cache = new PrefixCache(engine, { maxBytes: 34 * tokenBytes });
    for (const whole of [text, sibling]) {
      await engine.reset(0);
      await engine.prefill(0, whole);
      await cache.store(0, whole);
    }
    await cache.restore(0, text);
    await engine.reset(0);
    await engine.prefill(0, [9, 8, 7]);
    await cache.store(0, [9, 8, 7]);
    expect(cache.report()).to.deep.include({ tokens: 33, evictedTokens: 4 });
    expect(await cache.restore(0, sibling)).to.equal(18);
    expect(await cache.restore(0, text)).to.equal(29);
    await engine.dispose();
  });

  it("empties the row where nothing is known", async () => {
    const engine = nanoEngine("smollm2-tiny");
    const cache = new PrefixCache(engine, { maxBytes: 1e6 });
    await engine.prefill(0, text);
    expect(await cache.restore(0, text)).to.equal(0);
    expect(engine.length(0)).to.equal(0);
    expect(cache.report().misses).to.equal(1);
    await engine.dispose();
  });

  it("does not keep a text of which a window has let tokens go", async () => {
    const engine = nanoEngine("mistral-swa-tiny", { chunk: 4 });
    const cache = new PrefixCache(engine, { maxBytes: 1e6 });
    await engine.prefill(0, [...text, ...text]);
    expect(await cache.store(0, text)).to.equal(false);
    expect(cache.report().bytes).to.equal(0);
    await engine.dispose();
  });

  it("refuses tokens that the row does not have", async () => {
    const engine = nanoEngine("smollm2-tiny");
    const cache = new PrefixCache(engine, { maxBytes: 1e6 });
    const [result] = await Promise.allSettled([cache.store(0, text)]);
    expect(String(result.status === "rejected" && result.reason)).to.include("row 0: it has 0");
    await engine.dispose();
  });
});
