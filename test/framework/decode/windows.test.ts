import { expect } from "chai";
import { describe, it } from "mocha";

import { joined, nanoEngine, nanoGolden, worst } from "./nanoEngine.ts";

/** Float32 arithmetic in another order. */
const tolerance = 1e-4;
const long = Array.from({ length: 120 }, (_, i) => (i * i * 31 + 7 * i + 3) % 512);

describe("DecodeEngine with a sliding window", () => {
  it("moves the window through less memory than the text has tokens", async () => {
    const whole = nanoEngine("mistral-swa-tiny");
    const expected = joined(await whole.feed(0, long));
    await whole.dispose();
    const engine = nanoEngine("mistral-swa-tiny", { chunk: 2 });
    // Room for the window, 16 tokens that may be taken back, a chunk, and half as much to move in.
    expect(engine.memory().cacheBytes).to.be.below(60 * engine.memory().cacheBytesPerToken);
    const got = joined(await engine.feed(0, long));
    expect(worst(got, expected)).to.be.below(tolerance);
    expect(engine.length(0)).to.equal(120);
    await engine.dispose();
  });

  it("keeps rows apart that move at other times", async () => {
    const engine = nanoEngine("mistral-swa-tiny", { rows: 2, chunk: 2 });
    const alone = nanoEngine("mistral-swa-tiny");
    const expected = await alone.feed(0, long);
    await engine.feed(0, long.slice(0, 50));
    await engine.feed(1, long.slice(0, 5));
    for (let i = 0; i < 60; i++) {
      const [a, b] = await engine.step([
        { row: 0, token: long[50 + i]! },
        { row: 1, token: long[5 + i]! },
      ]);
      expect(worst(a!, expected[50 + i]!)).to.be.below(tolerance);
      expect(worst(b!, expected[5 + i]!)).to.be.below(tolerance);
    }
    await Promise.all([engine.dispose(), alone.dispose()]);
  });

  it("takes the last tokens back as long as the window before them is there", async () => {
    const engine = nanoEngine("mistral-swa-tiny", { chunk: 4 });
    const expected = await engine.feed(0, long.slice(0, 90));
    await engine.truncate(0, 84);
    const got = await engine.feed(0, long.slice(84, 90));
    expect(worst(joined(got), joined(expected.slice(84)))).to.be.below(tolerance);
    const [result] = await Promise.allSettled([engine.truncate(0, 30)]);
    expect(String(result.status === "rejected" && result.reason)).to.include(
      "Cannot take 60 tokens of row 0 back",
    );
    await engine.dispose();
  });

  it("lets layers with and without a window stand side by side", async () => {
    const config = { layer_windows: [null, 8] };
    const whole = nanoEngine("mistral-swa-tiny", { attention: "primitive" }, config);
    const expected = joined(await whole.feed(0, long));
    await whole.dispose();
    const engine = nanoEngine("mistral-swa-tiny", { chunk: 3 }, config);
    expect(worst(joined(await engine.feed(0, long)), expected)).to.be.below(tolerance);
    await engine.dispose();
  });
});

describe("DecodeEngine with first tokens that stay", () => {
  const ids = [...nanoGolden("ops", "ids", "streaming_llm").values];
  const { values: logits } = nanoGolden("ops", "logits", "streaming_llm");
  /** The reference keeps 16 tokens, 4 of which are the first. */
  const streaming = { sinks: 4, window: 12 };

  for (const attention of ["grouped", "primitive"] as const) {
    it(`gives the reference's logits token by token, ${attention} attention`, async () => {
      const engine = nanoEngine("smollm2-tiny", { attention, streaming });
      const got = joined(await engine.feed(0, ids, { chunk: 1 }));
      expect(worst(got, logits)).to.be.below(tolerance);
      await engine.dispose();
    });
  }

  it("fills the cache in one run before it lets go of tokens", async () => {
    const engine = nanoEngine("smollm2-tiny", { streaming });
    const got = [...(await engine.feed(0, ids.slice(0, 16)))];
    got.push(...(await engine.feed(0, ids.slice(16), { chunk: 1 })));
    expect(worst(joined(got), logits)).to.be.below(tolerance);
    await engine.dispose();
  });

  it("decodes rows one by one, and forks them", async () => {
    const engine = nanoEngine("smollm2-tiny", { streaming, rows: 2 });
    await engine.feed(0, ids.slice(0, 30), { chunk: 1 });
    await engine.fork(0, 1);
    for (let i = 30; i < 36; i++) {
      const pair = await engine.step([
        { row: 0, token: ids[i]! },
        { row: 1, token: ids[i]! },
      ]);
      for (const got of pair) {
        expect(worst(got, logits.subarray(i * 512, (i + 1) * 512))).to.be.below(tolerance);
      }
    }
    await engine.dispose();
  });

  it("keeps its memory through a text longer than it", async () => {
    const engine = nanoEngine("smollm2-tiny", { streaming });
    const { cacheBytes } = engine.memory();
    await engine.feed(0, long, { chunk: 6 });
    await engine.feed(0, long, { chunk: 6 });
    expect(engine.memory().cacheBytes).to.equal(cacheBytes);
    expect(engine.length(0)).to.equal(240);
    const [got] = await engine.feed(0, [1], { chunk: 1 });
    expect(got!.every(Number.isFinite)).to.equal(true);
    await engine.dispose();
  });

  it("takes no tokens back once it has let go of some", async () => {
    const engine = nanoEngine("smollm2-tiny", { streaming });
    await engine.feed(0, ids.slice(0, 10));
    await engine.truncate(0, 8);
    await engine.feed(0, ids.slice(8, 30), { chunk: 1 });
    const [result] = await Promise.allSettled([engine.truncate(0, 29)]);
    expect(result.status).to.equal("rejected");
    await engine.dispose();
  });
});
