import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import {
  mergeLearnedEmbeddings,
  readLearnedEmbeddings,
  writeLearnedEmbeddings,
} from "../../../framework/adapters/learnedEmbeddings.ts";
import { LearnedTokenizer } from "../../../framework/adapters/learnedTokenizer.ts";
import {
  addLearnedTokens,
  newTokenEmbedding,
  type TextModel,
} from "../../../framework/adapters/learnedTokens.ts";
import { useBackend } from "../../../framework/backend/register.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor, toTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { loadPipeline, loadTextEncoder } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { promptChunks } from "../../../framework/tokenizers/promptChunks.ts";
import type { Tokenizer } from "../../../framework/tokenizers/tokenizer.ts";
import { writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { expectClose, wave } from "../../support/tensors.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/stable-diffusion/tiny-sd-a");
const features = 32;

const vectors = (count: number, start = 0): HostTensor =>
  hostTensor(wave([count, features], start), [count, features]);

describe("learned tokens", () => {
  let components: PipelineComponents;
  let model: TextModel;
  before(() => {
    components = loadPipeline(folder);
    const { textEncoder, tokenizer, tokenizerFiles } = components;
    model = { parameters: textEncoder.model.parameters, tokenizer, tokenizerFiles };
  });
  after(() => {
    disposePipeline(components);
  });

  function encode(tokenizer: Tokenizer, text: string): tf.Tensor {
    const ids = tokenizer.encode(text, { padTo: 12 });
    return tf.tidy(() => components.textEncoder.model.encode(toTensor(hostTensor(ids, [1, 12]))));
  }

  it("leave the tokenizer's other files in force, such as Stable Diffusion 2's pad token", () => {
    const files = new Map(model.tokenizerFiles);
    files.set("special_tokens_map.json", '{"pad_token": "!"}');
    files.set("added_tokens.json", '{"<old>": 880}');
    const tokenizer = new LearnedTokenizer(files, new Map([["<new>", 1]]), 881);
    expect(tokenizer.ids).to.deep.equal({ start: 878, end: 879, pad: 0 });
    expect(tokenizer.textIds("<old> <new>")).to.deep.equal([880, 881]);
  });

  it("mean what the words mean whose vectors they have", async () => {
    const dog = await newTokenEmbedding(model, { token: "<Pet>", initializer: "dog" });
    const both = await newTokenEmbedding(model, {
      token: "<of>",
      initializer: "photo of",
      vectors: 2,
    });
    const expected = encode(components.tokenizer, "a photo of dog");
    const learned = addLearnedTokens(model, mergeLearnedEmbeddings(dog, both));
    for (const text of ["a photo of <Pet>", "a <of> dog", "a <of> <Pet>", "a photo of dog"]) {
      const actual = encode(learned.tokenizer, text);
      await expectClose(actual, expected, 1e-6);
      actual.dispose();
    }
    expect(learned.tokenizer.unknownWords("a <of> <Pet>")).to.deep.equal([]);
    learned.dispose();
    const again = encode(components.tokenizer, "a photo of dog");
    await expectClose(again, expected, 0);
    tf.dispose([expected, again]);
  });

  it("have ids from the end of the vocabulary, several in a row", () => {
    const learned = addLearnedTokens(
      model,
      new Map([
        ["<a>", vectors(3)],
        ["<a>b", vectors(1)],
      ]),
    );
    const { tokenizer } = learned;
    const size = components.tokenizer.vocabularySize;
    const [start, end] = [components.tokenizer.ids.start!, components.tokenizer.ids.end!];
    const ids = (text: string): number[] => [...tokenizer.encode(text)];
    expect(ids("<a>")).to.deep.equal([start, size, size + 1, size + 2, end]);
    expect(ids("<a>b<a>_2")).to.deep.equal([start, size + 3, size + 2, end]);
    expect(tokenizer.textIds("<a>")).to.deep.equal([size, size + 1, size + 2]);
    const [chunk] = promptChunks(tokenizer, "(<a>:2)", { length: 6 });
    expect([...chunk!.ids]).to.deep.equal([start, size, size + 1, size + 2, end, end]);
    expect([...chunk!.weights]).to.deep.equal([1, 2, 2, 2, 1, 1]);
    expect(tokenizer.expand("see <a>, not <a>_1")).to.equal("see <a> <a>_1 <a>_2, not <a>_1");
    learned.dispose();
  });

  it("are alone in having gradients, and only where they are used", () => {
    const learned = addLearnedTokens(
      model,
      new Map([
        ["<used>", vectors(2)],
        ["<idle>", vectors(1, 1)],
      ]),
    );
    const ids = learned.tokenizer.encode("a <used>", { padTo: 6 });
    const variables = [...learned.parameters.values()];
    const { value, grads } = tf.tidy(() =>
      tf.variableGrads(() => {
        const context = components.textEncoder.model.encode(toTensor(hostTensor(ids, [1, 6])));
        return context
          .mul(tf.tensor(wave(context.shape, 0), context.shape))
          .sum()
          .asScalar();
      }, variables),
    );
    const largest = variables.map(({ name }) =>
      tf.tidy(() => grads[name]!.abs().max(1).arraySync()),
    );
    expect(Object.keys(grads)).to.have.members(variables.map(({ name }) => name));
    expect(largest[0]).to.satisfy((rows: number[]) => rows.every((row) => row > 1e-3));
    expect(largest[1]).to.deep.equal([0]);
    learned.dispose();
    tf.dispose([value, grads]);
  });

  it("are trained in a compiled step, towards the word that a text lacks", async () => {
    const { compile } = await useBackend("ort", { threads: 2 });
    const textEncoder = loadTextEncoder(folder);
    const text = { ...model, parameters: textEncoder.model.parameters };
    const start = await newTokenEmbedding(text, { token: "<x>", initializer: "cat" });
    const learned = addLearnedTokens(text, start);
    const vector = learned.parameters.get("<x>")!;
    const rows = (prompt: string): HostTensor =>
      hostTensor(learned.tokenizer.encode(prompt, { padTo: 8 }), [1, 8]);
    const step = compile(({ ids, target }) => {
      const { value, grads } = tf.variableGrads(() => {
        const wanted = textEncoder.model.encode(target!);
        return textEncoder.model.encode(ids!).sub(wanted).square().sum().asScalar();
      }, [vector]);
      vector.assign(vector.sub(grads[vector.name]!.mul(3e-3)));
      return { loss: value };
    });
    const inputs = { ids: toTensor(rows("a <x>")), target: toTensor(rows("a dog")) };
    const losses: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { loss } = await step(inputs);
      losses.push((await loss.data())[0]!);
      loss.dispose();
    }
    expect(losses.at(-1)).to.be.below(losses[0]! / 2);
    step.dispose();
    tf.dispose(inputs);
    learned.dispose();
    textEncoder.model.dispose();
    await tf.setBackend("cpu");
  });

  it("refuse what does not fit", async () => {
    const add = (token: string, value: HostTensor) => () =>
      addLearnedTokens(model, new Map([[token, value]]));
    expect(add("dog</w>", vectors(1))).to.throw(RangeError, "in the vocabulary already");
    expect(add(" ", vectors(1))).to.throw(RangeError, "empty");
    expect(add("<a>", hostTensor(new Float32Array(8), [1, 8]))).to.throw(
      RangeError,
      "expected vectors [count, 32] as the text encoder has, got [1, 8]",
    );
    for (const options of [{ initializer: "dog", vectors: 0 }, { initializer: "" }]) {
      const error: unknown = await newTokenEmbedding(model, { token: "<a>", ...options }).catch(
        (caught: unknown) => caught,
      );
      expect(String(error)).to.include("at least one vector and a word to start from");
    }
    expect(() =>
      mergeLearnedEmbeddings(new Map([["<a>", vectors(1)]]), new Map([["<a>", vectors(2)]])),
    ).to.throw(RangeError, 'two are called "<a>"');
  });
});

describe("learned_embeds.safetensors", () => {
  const temporary = temporaryFolder();

  it("comes back as it was written", () => {
    const file = temporary.path("learned_embeds.safetensors");
    const embeddings = new Map([
      ["<a>", vectors(3)],
      ["<b>", vectors(1, 2)],
    ]);
    writeLearnedEmbeddings(file, embeddings);
    expect(readLearnedEmbeddings(file)).to.deep.equal(embeddings);
  });

  it("may hold a vector without an axis of its own, or a token without a name", () => {
    const file = temporary.path("one.safetensors");
    writeSafetensors(file, [["<a>", hostTensor(Float32Array.of(1, 2), [2])]]);
    expect(readLearnedEmbeddings(file).get("<a>")!.shape).to.deep.equal([1, 2]);
    expect([...readLearnedEmbeddings(file, { token: "<b>" }).keys()]).to.deep.equal(["<b>"]);
    writeSafetensors(file, [["emb_params", hostTensor(Float32Array.of(1, 2), [1, 2])]]);
    expect(() => readLearnedEmbeddings(file)).to.throw(InputError, "does not name its token");
    expect([...readLearnedEmbeddings(file, { token: "<b>" }).keys()]).to.deep.equal(["<b>"]);
  });

  it("refuses tensors that are no vectors, and one name for several", () => {
    const file = temporary.path("wrong.safetensors");
    writeSafetensors(file, [["<a>", hostTensor(new Float32Array(8), [2, 2, 2])]]);
    expect(() => readLearnedEmbeddings(file)).to.throw(InputError, "[vectors, features]");
    writeLearnedEmbeddings(
      file,
      new Map([
        ["<a>", vectors(1)],
        ["<b>", vectors(1)],
      ]),
    );
    expect(() => readLearnedEmbeddings(file, { token: "<c>" })).to.throw(InputError, "got 2");
  });
});
