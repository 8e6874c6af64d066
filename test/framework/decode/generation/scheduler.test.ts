import { expect } from "chai";
import { describe, it } from "mocha";

import { DecodeEngine } from "../../../../framework/decode/decodeEngine.ts";
import { FairQueue } from "../../../../framework/decode/generation/fairQueue.ts";
import { generate } from "../../../../framework/decode/generation/generate.ts";
import type {
  GeneratedToken,
  GenerationPrompt,
} from "../../../../framework/decode/generation/generation.ts";
import {
  Scheduler,
  SchedulerFullError,
} from "../../../../framework/decode/generation/scheduler.ts";
import { PrefixCache } from "../../../../framework/decode/prefixCache.ts";
import { readDecoderConfig } from "../../../../framework/models/decoderConfig.ts";
import { readIdefics3Config } from "../../../../framework/models/idefics3Config.ts";
import { readModelFolder } from "../../../../framework/weights/modelFolder.ts";
import { errorOf } from "../../../support/compiled.ts";
import { nanoEngine, nanoGolden } from "../nanoEngine.ts";
import { TinyModel } from "./tinyModel.ts";

/** Always 1, 2, 3, 0, 1, ... */
const cycle = [0, 1, 2, 3].map((token) =>
  [0, 1, 2, 3].map((next) => Number(next === (token + 1) % 4)),
);

async function tokensOf(stream: AsyncIterable<GeneratedToken>): Promise<number[]> {
  const tokens: number[] = [];
  for await (const { token } of stream) tokens.push(token);
  return tokens;
}

describe("Scheduler", () => {
  it("goes on with a text that comes just as the last one ends", async () => {
    for (let turns = 0; turns < 16; turns++) {
      const scheduler = new Scheduler(new TinyModel(cycle));
      const options = { maxNewTokens: 2, prompt: { tokens: [0] } };
      await tokensOf(scheduler.add(options));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      const stream = scheduler.add(options);
      const late = new Promise((resolve) => setTimeout(resolve, 2000, "never"));
      expect(await Promise.race([tokensOf(stream), late]), `after ${turns}`).to.deep.equal([1, 2]);
      await scheduler.close();
    }
  });

  it("gives texts that come at any time what each has alone", async () => {
    const engine = nanoEngine("smollm2-tiny", { rows: 3 });
    const alone = nanoEngine("smollm2-tiny");
    const scheduler = new Scheduler(engine, {
      chunk: 2,
      prefixes: new PrefixCache(engine, { maxBytes: 1e6 }),
    });
    const prompts = [[5], [9, 100, 41, 7, 7, 2], [8], [7, 7], [60, 2, 90], [9, 100, 41, 7, 9]];
    const options = { maxNewTokens: 7, seed: 4, stopTokens: [3] };
    const found = await Promise.all(
      prompts.map(async (tokens, i) => {
        for (let turn = 0; turn < 4 * i; turn++) await new Promise(setImmediate);
        return tokensOf(scheduler.add({ ...options, prompt: { tokens } }));
      }),
    );
    for (const [i, prompt] of prompts.entries()) {
      const [text] = await generate(alone, { ...options, prompts: [prompt] });
      const said = [...text!.tokens, ...(text!.stopToken === undefined ? [] : [text!.stopToken])];
      expect(found[i], `text ${i}`).to.deep.equal(said);
    }
    const { running, waiting, finished, promptTokens, cachedTokens } = scheduler.report();
    expect({ running, waiting, finished }).to.deep.equal({ running: 0, waiting: 0, finished: 6 });
    expect(promptTokens).to.equal(18);
    expect(cachedTokens).to.equal(4);
    await scheduler.close();
    await engine.dispose();
    await alone.dispose();
  });

  it("lets other texts go on while a long prompt is read", async () => {
    const model = new TinyModel(cycle, 2);
    const scheduler = new Scheduler(model, { chunk: 2 });
    const order: string[] = [];
    const follow = async (name: string, tokens: number[]): Promise<void> => {
      for await (const _ of scheduler.add({ prompt: { tokens }, maxNewTokens: 4 })) {
        order.push(name);
      }
    };
    await Promise.all([follow("short", [0]), follow("long", [0, 1, 2, 3, 0, 1, 2, 3, 0])]);
    expect(order.slice(0, 4)).to.deep.equal(["short", "short", "short", "short"]);
    expect(order.slice(4)).to.deep.equal(["long", "long", "long", "long"]);
  });

  describe("with processors that prepare", () => {
    /** Its runs are told when they begin and end, and take a few turns. */
    class SlowModel extends TinyModel {
      readonly told: string[] = [];

      override async feed(...given: Parameters<TinyModel["feed"]>): Promise<Float32Array[]> {
        this.told.push("begins");
        const logits = await super.feed(...given);
        for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
        this.told.push("ends");
        return logits;
      }
    }

    it("has them do so for the same tokens, while the model computes", async () => {
      const model = new SlowModel(cycle);
      const process = Object.assign(
        (_: Float32Array, ids: ArrayLike<number>) => {
          model.told.push(`used ${Array.from(ids).join("")}`);
        },
        {
          prepare: (ids: ArrayLike<number>) => {
            model.told.push(`prepared ${Array.from(ids).join("")}`);
          },
        },
      );
      const scheduler = new Scheduler(model, { chunk: 2 });
      const options = { prompt: { tokens: [3, 0, 1] }, maxNewTokens: 2, processors: [process] };
      expect(await tokensOf(scheduler.add(options))).to.deep.equal([2, 3]);
      expect(model.told).to.deep.equal([
        ...["begins", "ends"],
        ...["begins", "prepared 301", "ends", "used 301"],
        ...["begins", "prepared 3012", "ends", "used 3012"],
      ]);
    });

    it("ends the one text whose processor fails at it", async () => {
      const scheduler = new Scheduler(new TinyModel(cycle, 2));
      const failing = Object.assign(() => undefined, {
        prepare: (ids: ArrayLike<number>) => {
          if (ids.length === 3) throw new RangeError("what may follow is too much");
        },
      });
      const prompt = { tokens: [0] };
      const [failed, other] = await Promise.all([
        errorOf(tokensOf(scheduler.add({ prompt, maxNewTokens: 5, processors: [failing] }))),
        tokensOf(scheduler.add({ prompt, maxNewTokens: 5 })),
      ]);
      expect(failed).to.be.instanceOf(RangeError);
      expect(String(failed)).to.include("what may follow is too much");
      expect(other).to.deep.equal([1, 2, 3, 0, 1]);
    });
  });

  describe("with pictures in prompts", () => {
    const settings = readIdefics3Config(
      readModelFolder("test/fixtures/nano/smolvlm-tiny").config,
    ).text_config;
    const tokens = [...nanoGolden("smolvlm-tiny", "A.input_ids").values];
    const features = Float32Array.from(nanoGolden("smolvlm-tiny", "A.connector").values);
    const at = [...tokens.keys()].filter((i) => tokens[i] === 511);
    const seeing = (rows: number): DecodeEngine =>
      new DecodeEngine({
        config: readDecoderConfig(settings),
        weights: readModelFolder("test/fixtures/nano/smolvlm-tiny").tensors,
        ...{ prefix: "model.text_model", takesEmbeddings: true, rows, threads: 2 },
      });
    /** With picture `number`, whose features are those of the first times `scale`. */
    const promptOf = (number: number, scale: number) => ({
      tokens,
      replacements: { at, embeddings: features.map((value) => value * scale) },
      prefixKeys: tokens.map((token, i) => (at.includes(i) ? -number : token)),
    });

    it("reads them in parts, and what is known of a picture once", async () => {
      const [engine, alone] = [seeing(2), seeing(1)];
      const prefixes = new PrefixCache(engine, { maxBytes: 1e6 });
      const scheduler = new Scheduler(engine, { chunk: 3, prefixes });
      const asked = [promptOf(1, 1), promptOf(2, -1), promptOf(2, -1)];
      const cached: number[] = [];
      for (const prompt of asked) {
        const said: number[] = [];
        let known = 0;
        for await (const { token, cachedTokens } of scheduler.add({ prompt, maxNewTokens: 6 })) {
          said.push(token);
          known = cachedTokens;
        }
        const [expected] = await generate(alone, { prompts: [prompt], maxNewTokens: 6 });
        expect(said).to.deep.equal(expected!.tokens);
        cached.push(known);
      }
      expect(cached).to.deep.equal([0, at[0], tokens.length - 1]);
      await scheduler.close();
      await engine.dispose();
      await alone.dispose();
    });

    it("lets other texts go on meanwhile", async () => {
      const engine = seeing(2);
      const scheduler = new Scheduler(engine, { chunk: 4 });
      const order: string[] = [];
      const follow = async (name: string, prompt: GenerationPrompt): Promise<void> => {
        for await (const _ of scheduler.add({ prompt, maxNewTokens: 4 })) order.push(name);
      };
      await Promise.all([follow("short", { tokens: [5] }), follow("long", promptOf(1, 1))]);
      expect(order.slice(0, 4)).to.deep.equal(["short", "short", "short", "short"]);
      await scheduler.close();
      await engine.dispose();
    });

    it("refuses ones that do not fit their tokens", () => {
      const scheduler = new Scheduler(new TinyModel(cycle, 1));
      const add = (prompt: Partial<GenerationPrompt>) => () =>
        scheduler.add({ prompt: { tokens: [0, 1], ...prompt }, maxNewTokens: 1 });
      const replacements = { at: [2], embeddings: new Float32Array(4) };
      expect(add({ replacements })).to.throw(RangeError, "a replacement for token 2");
      expect(add({ prefixKeys: [0] })).to.throw(RangeError, "has 2 tokens, got 1 prefixKeys");
    });
  });

  it("ends a text that nobody reads any more, or whose signal is aborted", async () => {
    const model = new TinyModel(cycle, 1);
    const scheduler = new Scheduler(model);
    for await (const _ of scheduler.add({ prompt: { tokens: [0] }, maxNewTokens: 1000 })) break;
    const { signal, abort } = abortable();
    const stopped = tokensOf(
      scheduler.add({ prompt: { tokens: [0] }, maxNewTokens: 1000, signal }),
    );
    const next = tokensOf(scheduler.add({ prompt: { tokens: [1] }, maxNewTokens: 2 }));
    abort();
    expect((await errorOf(stopped)).name).to.equal("AbortError");
    expect(await next).to.deep.equal([2, 3]);
    expect(scheduler.report()).to.deep.include({ running: 0, waiting: 0, finished: 1 });
  });

  it("goes on with the others when one text fails", async () => {
    const scheduler = new Scheduler(new TinyModel(cycle, 2));
    const processors = [
      (logits: Float32Array, ids: ArrayLike<number>): void => {
        if (ids.length === 3) logits.fill(-Infinity);
      },
    ];
    const wrong = tokensOf(scheduler.add({ prompt: { tokens: [0] }, maxNewTokens: 9, processors }));
    const right = tokensOf(scheduler.add({ prompt: { tokens: [0] }, maxNewTokens: 5 }));
    expect((await errorOf(wrong)).message).to.include("processors forbid all tokens");
    expect(await right).to.deep.equal([1, 2, 3, 0, 1]);
  });

  it("refuses texts of one owner when enough of them wait, and takes those of others", async () => {
    const scheduler = new Scheduler(new TinyModel(cycle, 1), { mostWaiting: 1 });
    const options = { prompt: { tokens: [0] }, maxNewTokens: 2 };
    const taken = ["a", "a", "b"].map((owner) => tokensOf(scheduler.add({ ...options, owner })));
    expect(() => scheduler.add({ ...options, owner: "a" })).to.throw(SchedulerFullError);
    expect(await Promise.all(taken)).to.deep.equal([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it("takes as many texts of one owner as it says, and no more", async () => {
    const scheduler = new Scheduler(new TinyModel(cycle, 2), { mostWaiting: 3 });
    expect(scheduler.mostTexts).to.equal(5);
    const options = { prompt: { tokens: [0] }, maxNewTokens: 2 };
    const taken = Array.from({ length: 5 }, () => tokensOf(scheduler.add(options)));
    expect(() => scheduler.add(options)).to.throw(SchedulerFullError);
    for (const tokens of await Promise.all(taken)) expect(tokens).to.deep.equal([1, 2]);
  });

  it("refuses texts when enough wait, and when it is closed", async () => {
    const scheduler = new Scheduler(new TinyModel(cycle, 1), { mostWaiting: 1 });
    const options = { prompt: { tokens: [0] }, maxNewTokens: 2 };
    const first = tokensOf(scheduler.add(options));
    const second = tokensOf(scheduler.add(options));
    expect(() => scheduler.add(options)).to.throw(SchedulerFullError, "1 wait for a row already");
    expect(() => scheduler.add({ ...options, prompt: { tokens: [] } })).to.throw(
      RangeError,
      "expected prompts of 1 to",
    );
    const closed = scheduler.close();
    expect(() => scheduler.add(options)).to.throw(RangeError, "the scheduler is closed");
    await closed;
    expect([await first, await second]).to.deep.equal([
      [1, 2],
      [1, 2],
    ]);
  });
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe("FairQueue", () => {
  it("has owners take turns", () => {
    const queue = new FairQueue<string>();
    for (const item of ["a1", "a2", "a3", "b1", "c1", "b2"]) queue.push(item[0]!, item);
    expect(queue.size).to.equal(6);
    expect(queue.remove((item) => item === "a2")).to.deep.equal(["a2"]);
    const order = Array.from({ length: 6 }, () => queue.shift());
    expect(order).to.deep.equal(["a1", "b1", "c1", "a3", "b2", undefined]);
    expect(queue.size).to.equal(0);
  });
});
