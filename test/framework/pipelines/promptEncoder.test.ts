import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { runEagerly } from "../../../framework/base/compile.ts";
import type { ClipTextEncoder } from "../../../framework/models/clipTextEncoder.ts";
import { loadTextEncoder } from "../../../framework/pipelines/loadPipeline.ts";
import { promptEncoder } from "../../../framework/pipelines/promptEncoder.ts";
import { loadTokenizer } from "../../../framework/tokenizers/loadTokenizer.ts";
import { expectGolden } from "../../support/stableDiffusion.ts";

const folder = "test/fixtures/stable-diffusion/tiny-sd-a";

describe("promptEncoder()", () => {
  const tokenizer = loadTokenizer(`${folder}/tokenizer`);
  let textEncoder: ClipTextEncoder;

  before(() => {
    textEncoder = loadTextEncoder(folder).model;
  });
  after(() => textEncoder.dispose());

  const encode = (prompts: readonly string[], options = {}): Promise<tf.Tensor3D> =>
    promptEncoder({ textEncoder, tokenizer, compile: runEagerly, ...options }).encode(prompts);

  /** Features of a short text, as they are. */
  const plain = (text: string, clipSkip = 1): tf.Tensor3D =>
    tf.tidy(() => {
      const ids = tf.tensor2d([...tokenizer.encode(text, { padTo: 77 })], [1, 77], "int32");
      return textEncoder.encode(ids, { clipSkip });
    });

  it("gives the text encoder's features of short prompts, to the bit", async () => {
    const [both, one, other] = [await encode(["a dog", "red"]), plain("a dog"), plain("red")];
    const expected = tf.concat([one, other]);
    expectGolden(both, expected, 0);
    const [skipped, shallow] = [await encode(["a dog"], { clipSkip: 2 }), plain("a dog", 2)];
    expectGolden(skipped, shallow, 0);
    tf.dispose([both, one, other, expected, skipped, shallow]);
  });

  it("joins the chunks of long prompts, with empty ones behind shorter", async () => {
    const long = await encode([`${"dog ".repeat(75)}red`, "a dog"]);
    expect(long.shape).to.deep.equal([2, 154, 32]);
    const parts = ["dog ".repeat(75), "red", "a dog", ""].map((text) => plain(text));
    const expected = tf.tidy(() => tf.concat(parts).reshape([2, 154, 32]));
    expectGolden(long, expected, 1e-6);
    tf.dispose([long, expected, parts]);
  });

  it("multiplies features by weights and keeps their mean", async () => {
    const [weighted, features] = [await encode(["(dog:1.5)"]), plain("dog")];
    const expected = tf.tidy(() => {
      const tokens = tokenizer.textIds("dog").length;
      const weights = tf.concat([tf.ones([1]), tf.fill([tokens], 1.5), tf.ones([76 - tokens])]);
      const changed = features.mul(weights.reshape([1, 77, 1]));
      return changed.mul(features.mean().div(changed.mean()));
    });
    expectGolden(weighted, expected, 1e-5);
    const plainly = await encode(["(dog:1.5)"], { weighted: false });
    const brackets = plain("(dog:1.5)");
    expectGolden(plainly, brackets, 0);
    tf.dispose([weighted, features, expected, plainly, brackets]);
  });
});
