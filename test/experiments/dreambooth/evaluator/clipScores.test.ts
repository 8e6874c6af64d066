import { cpSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError, runEagerly } from "seedbed";

import {
  clipMetrics,
  clipScores,
  openClip,
} from "../../../../experiments/dreambooth/evaluator/clipScores.ts";
import {
  clipFolder,
  clipJson,
  clipPictures,
  clipPrompts,
  clipTensors,
} from "../../../support/clip.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("clipScores()", () => {
  // Cosines of two prompts with three pictures as transformers computes them.
  const cosines = clipTensors("golden.safetensors").get("cosines")!.values;

  it("means the cosines of pictures with each other and with their prompts", async () => {
    const scores = await clipScores(await openClip(clipFolder, runEagerly), [clipPictures[1]!]);
    expect(await scores.imageSimilarity([clipPictures[1]!])).to.be.closeTo(1, 1e-6);
    const dot = imageCosine(0, 1);
    const both = await scores.imageSimilarity([clipPictures[0]!, clipPictures[1]!]);
    expect(both).to.be.closeTo((dot + 1) / 2, 2e-6);
    const [a, b] = [clipPrompts[0]!, clipPrompts[1]!];
    const text = await scores.textSimilarity([clipPictures[0]!, clipPictures[2]!], [a, b]);
    expect(text).to.be.closeTo((cosines[0]! + cosines[5]!) / 2, 2e-6);
    scores.dispose();
  });

  function imageCosine(a: number, b: number): number {
    const { values } = clipTensors("golden.safetensors").get("image_embeds")!;
    const length = values.length / clipPictures.length;
    const row = (i: number): number[] => [...values.slice(i * length, (i + 1) * length)];
    return row(a).reduce((sum, value, i) => sum + value * row(b)[i]!, 0);
  }
});

describe("clipMetrics()", () => {
  /** What it makes of prompts, how many samples are the subject's, and what CLIP reads. */
  async function measured(prompts: readonly string[], tokens: readonly string[]) {
    const image = clipPictures[0]!;
    const asked: (number | readonly string[])[] = [];
    const scores = {
      async imageSimilarity(samples: readonly object[]) {
        asked.push(samples.length);
        return 0.8;
      },
      async textSimilarity(_samples: readonly object[], prompts: readonly string[]) {
        asked.push(prompts);
        return 0.3;
      },
      dispose() {},
    };
    const samples = prompts.map((prompt) => ({ prompt, image }));
    return { metrics: await clipMetrics(scores, samples, tokens), asked };
  }

  it("judges the subject by pictures, and all by prompts without the token", async () => {
    const { metrics, asked } = await measured(["a sks dog on a beach", "a dog"], ["sks"]);
    expect(metrics).to.deep.equal({ clipI: 0.8, clipT: 0.3 });
    expect(asked).to.deep.equal([1, ["a dog on a beach", "a dog"]]);
  });

  for (const [name, token, prompt, read] of [
    ["with capitals", "SKS", "a SKS dog", "a dog"],
    ["in a prompt with capitals", "sks", "A Sks dog", "A dog"],
    ["of two words", "olis beast", "an olis  beast dog", "an dog"],
    ["before a comma", "sks", "a dog called sks, asleep", "a dog called , asleep"],
    ["in brackets", "[V]", "a [V] dog", "a dog"],
  ] as const) {
    it(`finds a token ${name}`, async () => {
      const { metrics, asked } = await measured([prompt, "a  dog"], [token]);
      expect(metrics).to.have.keys("clipI", "clipT");
      expect(asked).to.deep.equal([1, [read, "a  dog"]]);
    });
  }

  it("leaves out CLIP-I where no prompt names the subject", async () => {
    const { metrics, asked } = await measured(["a tasks dog"], ["sks"]);
    expect(metrics).to.deep.equal({ clipT: 0.3 });
    expect(asked).to.deep.equal([["a tasks dog"]]);
  });
});

describe("openClip()", () => {
  const temporary = temporaryFolder();

  it("refuses what prepares pictures in another way", async () => {
    cpSync(clipFolder, temporary.path("clip"), { recursive: true });
    const config = { ...clipJson("preprocessor_config.json"), resample: 2 };
    temporary.write({ "clip/preprocessor_config.json": JSON.stringify(config) });
    const error: unknown = await openClip(temporary.path("clip"), runEagerly).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.match(/Cannot use CLIP .*key "resample"/);
  });

  it("refuses a pipeline", async () => {
    const pipeline = path.join(clipFolder, "../stable-diffusion/tiny-sd-a");
    const error: unknown = await openClip(pipeline, runEagerly).catch(String);
    expect(error).to.match(/Cannot read CLIP .*tiny-sd-a: missing config\.json/);
  });
});
