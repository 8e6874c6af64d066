import { expect } from "chai";
import { describe, it } from "mocha";

import { generate } from "../../../../framework/decode/generation/generate.ts";
import { generateTokens } from "../../../../framework/decode/generation/generateTokens.ts";
import type { GeneratedToken } from "../../../../framework/decode/generation/generation.ts";
import {
  countPenalties,
  noRepeatNgram,
  probabilities,
  repetitionPenalty,
  temperature,
  topK,
  type LogitsProcessor,
} from "../../../../framework/decode/logitsProcessors/index.ts";
import { PrefixCache } from "../../../../framework/decode/prefixCache.ts";
import { errorOf } from "../../../support/compiled.ts";
import { nanoEngine, nanoGolden } from "../nanoEngine.ts";
import { TinyModel } from "./tinyModel.ts";

const following = [
  [0.6, 0.3, 0.1],
  [0.2, 0.2, 0.6],
  [0.45, 0.45, 0.1],
];
/** Always 1, 2, 3, 0, 1, ... */
const cycle = [0, 1, 2, 3].map((token) =>
  [0, 1, 2, 3].map((next) => Number(next === (token + 1) % 4)),
);

const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  (await errorOf(promise)).message;

describe("generate()", () => {
  const golden = [...nanoGolden("smollm2-tiny", "greedy").values];
  const penalised = [...nanoGolden("smollm2-tiny", "greedy_rep1.3_norepeat3").values];
  const prompt = golden.slice(0, 6);
  const published = { maxNewTokens: golden.length - 6, prompts: [prompt] };
  const penalties = [repetitionPenalty(1.3), noRepeatNgram(3)];
  const speculation = { proposals: 4 };

  for (const [title, options, expected] of [
    ["greedily", {}, golden],
    ["greedily by guesses", { speculation }, golden],
    ["with processors", { processors: penalties }, penalised],
    ["with processors by guesses", { processors: penalties, speculation }, penalised],
  ] as const) {
    it(`continues a text ${title} as the reference does`, async () => {
      const engine = nanoEngine("smollm2-tiny");
      const [text] = await generate(engine, { ...published, ...options });
      expect([...prompt, ...text!.tokens]).to.deep.equal(expected);
      expect(text!.finishReason).to.equal("length");
      const completionTokens = golden.length - 6;
      expect(text!.usage).to.deep.equal({ promptTokens: 6, cachedTokens: 0, completionTokens });
      expect(engine.length(0)).to.equal(0);
      await engine.dispose();
    });
  }

  it("gives many texts on few rows what each has alone", async () => {
    const engine = nanoEngine("smollm2-tiny", { rows: 3 });
    const alone = nanoEngine("smollm2-tiny");
    const prompts = [[5], [9, 100, 41], golden.slice(0, 9), [7, 7], [60, 2, 90, 31, 8]];
    const options = { maxNewTokens: 7, seed: 4, stopTokens: [3] };
    const together = await generate(engine, { ...options, prompts });
    for (const [i, each] of prompts.entries()) {
      const others = prompts.map((_, k) => (k === i ? each : [1]));
      const texts = await generate(alone, { ...options, prompts: others });
      expect(texts[i]!.tokens, `text ${i}`).to.deep.equal(together[i]!.tokens);
    }
    await engine.dispose();
    await alone.dispose();
  });

  it("steps all rows at once, and lets the next text begin when one ends", async () => {
    const model = new TinyModel(cycle, 2);
    const events: GeneratedToken[] = [];
    const prompts = [[0], [2], [1]];
    const isComplete = (added: readonly number[], text: number): boolean =>
      added.length === text + 2;
    const texts = await generate(model, { prompts, maxNewTokens: 9, isComplete }, (token) => {
      events.push(token);
    });
    expect(texts.map(({ tokens }) => tokens)).to.deep.equal([
      [1, 2],
      [3, 0, 1],
      [2, 3, 0, 1],
    ]);
    expect(texts.map(({ finishReason }) => finishReason)).to.deep.equal(Array(3).fill("complete"));
    expect(events.map(({ text }) => text)).to.deep.equal([0, 1, 0, 1, 2, 1, 2, 2, 2]);
    expect(model.runs).to.deep.equal([1, 1, 2, 1, 2, 1, 1]);
  });

  it("takes a length for each text", async () => {
    const prompts = [[0], { tokens: [0], maxNewTokens: 1 }];
    const texts = await generate(new TinyModel(cycle), { prompts, maxNewTokens: 3 });
    expect(texts.map(({ tokens }) => tokens)).to.deep.equal([[1, 2, 3], [1]]);
  });

  it("leaves out the token that ended a text, but counts it", async () => {
    for (const options of [{}, { speculation }]) {
      const prompts = [[0, 1, 2, 3, 0]];
      const stop = { prompts, maxNewTokens: 9, stopTokens: [3], logProbabilities: 2 };
      const [text] = await generate(new TinyModel(cycle), { ...stop, ...options });
      expect(text!.tokens).to.deep.equal([1, 2]);
      expect(text!.finishReason).to.equal("stopToken");
      expect(text!.stopToken).to.equal(3);
      expect(text!.usage.completionTokens).to.equal(3);
      const top = (id: number): object => ({ id, logProbability: 0 });
      expect(text!.logProbabilities.map(({ top: [first] }) => first)).to.deep.equal(
        [1, 2, 3].map(top),
      );
    }
  });

  it("asks processors for nothing after a text's end, whatever was guessed", async () => {
    const untilEnd = (_: Float32Array, ids: ArrayLike<number>): void => {
      if (ids.length > 5 && ids[ids.length - 1] === 3) throw new Error("the text has ended");
    };
    const prompts = [[0, 1, 2, 3, 0]];
    const given = { prompts, maxNewTokens: 9, processors: [untilEnd], speculation };
    const [stopped] = await generate(new TinyModel(cycle), { ...given, stopTokens: [3] });
    expect(stopped!.tokens).to.deep.equal([1, 2]);
    const isComplete = (added: readonly number[]): boolean => added.at(-1) === 3;
    const [complete] = await generate(new TinyModel(cycle), { ...given, isComplete });
    expect(complete!.tokens).to.deep.equal([1, 2, 3]);
    expect(complete!.finishReason).to.equal("complete");
  });

  it("ends where the engine has no room", async () => {
    for (const options of [{}, { speculation }]) {
      const engine = nanoEngine("smollm2-tiny", { capacity: 16 });
      const given = { prompts: [golden.slice(0, 12)], maxNewTokens: 40, ...options };
      const [text] = await generate(engine, given);
      expect(text!.finishReason).to.equal("capacity");
      expect(text!.tokens).to.have.length(5);
      const tooLong = await errorOf(generate(engine, { ...given, prompts: [golden.slice(0, 17)] }));
      expect(tooLong.message).to.match(/expected prompts of 1 to 16 tokens, got 17 in prompt 0/);
      await engine.dispose();
    }
  });

  const processors: LogitsProcessor[] = [
    countPenalties({ frequencyPenalty: 0.3, presencePenalty: -0.2 }),
    temperature(0.8),
    topK(2),
  ];
  for (const options of [{}, { speculation: { proposals: 2 } }]) {
    it(`draws three tokens as often as processed probabilities say, by ${"speculation" in options ? "guesses" : "steps"}`, async () => {
      const [samples, start] = [4000, [0, 1, 2, 0, 1]];
      const counts = new Map<string, number>();
      const prompts = Array.from({ length: samples }, () => start);
      const texts = await generate(new TinyModel(following), {
        prompts,
        maxNewTokens: 3,
        seed: 5,
        processors,
        ...options,
      });
      for (const { tokens } of texts)
        counts.set(tokens.join(), (counts.get(tokens.join()) ?? 0) + 1);
      const after = (ids: number[]): Float64Array => {
        const logits = Float32Array.from(following[ids.at(-1)!]!, Math.log);
        for (const process of processors) process(logits, ids);
        return probabilities(logits);
      };
      let [chiSquare, seen, freedom] = [0, 0, -1];
      for (const a of [0, 1, 2]) {
        for (const b of [0, 1, 2]) {
          for (const c of [0, 1, 2]) {
            const p = after(start)[a]! * after([...start, a])[b]! * after([...start, a, b])[c]!;
            const count = counts.get([a, b, c].join()) ?? 0;
            seen += count;
            if (p === 0) expect(count).to.equal(0);
            else
              [chiSquare, freedom] = [
                chiSquare + (count - samples * p) ** 2 / (samples * p),
                freedom + 1,
              ];
          }
        }
      }
      expect(seen).to.equal(samples);
      expect(freedom).to.equal(12);
      // 12 degrees of freedom: above 32.9 once in a thousand seeds.
      expect(chiSquare).to.be.below(32.9);
    });
  }

  it("computes beginnings that it knows once", async () => {
    const engine = nanoEngine("smollm2-tiny");
    const prefixes = new PrefixCache(engine, { maxBytes: 1e7 });
    const prompts = [golden.slice(0, 12), [...golden.slice(0, 10), 7, 8]];
    const cold = await generate(engine, { prompts, maxNewTokens: 4 });
    const warm = await generate(engine, { prompts, maxNewTokens: 4, prefixes });
    expect(warm.map(({ tokens }) => tokens)).to.deep.equal(cold.map(({ tokens }) => tokens));
    expect(warm.map(({ usage }) => usage.cachedTokens)).to.deep.equal([0, 10]);
    await engine.dispose();
  });

  it("stops when it is told to, and empties the rows", async () => {
    const model = new TinyModel(cycle, 2);
    const controller = new AbortController();
    const options = { prompts: [[0], [0]], maxNewTokens: 50 };
    const { signal } = controller;
    const seen: number[] = [];
    const { message } = await errorOf(
      generate(model, { ...options, signal }, ({ token }) => {
        if (seen.push(token) === 6) controller.abort(new Error("enough"));
      }),
    );
    expect(message).to.equal("enough");
    expect(seen).to.have.length(6);
    for await (const { text } of generateTokens(model, options)) {
      expect(text).to.equal(0);
      break;
    }
    expect([model.length(0), model.length(1)]).to.deep.equal([0, 0]);
  });

  it("refuses what it cannot do exactly, and what is no number", async () => {
    const streaming = nanoEngine("smollm2-tiny", { streaming: { sinks: 2, window: 8 } });
    const options = { prompts: [[1, 2]], maxNewTokens: 4 };
    expect((await errorOf(generate(streaming, { ...options, speculation }))).message).to.match(
      /an engine for texts without end .* cannot take tokens back; leave speculation out/,
    );
    await streaming.dispose();
    const broken = new TinyModel([[], [], [0.1, -1, 1]]);
    expect(await messageOf(generate(broken, options))).to.equal(
      "Cannot generate token 2 of text 0: expected finite logits, got NaN for token 1; are the model's weights finite?",
    );
    const forbid = (logits: Float32Array): void => void logits.fill(-Infinity);
    const model = new TinyModel(following);
    expect((await errorOf(generate(model, { ...options, processors: [forbid] }))).message).to.match(
      /its logits processors forbid all tokens/,
    );
    const spoil = (logits: Float32Array): void => void logits.fill(Number.NaN, 1);
    expect((await errorOf(generate(model, { ...options, processors: [spoil] }))).message).to.match(
      /expected finite logits, got NaN for token 1; are its logits processors finite\?/,
    );
    expect((await errorOf(generate(model, { ...options, maxNewTokens: 0 }))).message).to.match(
      /expected maxNewTokens to be an integer >= 1, got 0/,
    );
  });
});
