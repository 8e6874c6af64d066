import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { disposePipeline, InputError, loadPipeline, type PipelineComponents } from "seedbed";

import { checkPrompts } from "../../../experiments/dreambooth/checkPrompts.ts";
import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("checkPrompts()", () => {
  const temporary = temporaryFolder();
  let model: PipelineComponents;
  before(() => {
    model = loadPipeline("models/emoji-64");
  });
  after(() => disposePipeline(model));

  /** What is warned of, for the committed spec with these changes. */
  async function warned(...overrides: string[]): Promise<string[]> {
    return warnedOf(model, ...overrides);
  }

  async function warnedOf(components: PipelineComponents, ...overrides: string[]) {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
    const { data, sampling } = settingsOf(spec);
    const lines: string[] = [];
    checkPrompts(data, sampling.prompts, components, (line) => lines.push(line));
    return lines;
  }

  /** Two pictures, and captions by name. */
  function captioned(captions: Record<string, string>): string[] {
    const folder = temporary.path("captioned");
    mkdirSync(folder);
    for (const name of ["a", "b"]) {
      const picture = "subjects/penguin/instance_00_f00.png";
      copyFileSync(picture, path.join(folder, `${name}.png`));
    }
    for (const [name, text] of Object.entries(captions)) {
      writeFileSync(path.join(folder, `${name}.txt`), text);
    }
    return [`data.instance.folder=${folder}`, "data.instance.captions=files"];
  }

  it("has nothing to say of the committed spec", async () => {
    expect(await warned()).to.deep.equal([]);
  });

  it("warns of a prompt that names no more than the class", async () => {
    const [line, ...others] = await warned("data.instance.prompt=a penguin");
    expect(line).to.match(/"a penguin" has no token.*the whole class will change/);
    expect(others).to.deep.equal([]);
  });

  it("warns of a prompt that lacks the token", async () => {
    expect(await warned("data.instance.token=zwx")).to.deep.equal([
      'Prompts of the subject lack its token zwx: "a sks penguin"',
    ]);
  });

  it("warns of captions that lack it, and of pictures without a caption", async () => {
    const lines = await warned(...captioned({ a: "a blue penguin" }));
    expect(lines.length).to.equal(2);
    expect(lines[0]).to.equal('Prompts of the subject lack its token sks: "a blue penguin"');
    expect(lines[1]).to.match(/Of 2 pictures in .* 1 have no caption.*"a sks penguin"/);
  });

  it("warns of brackets, which are text here and weights to others", async () => {
    const ofBytes = loadPipeline("test/fixtures/stable-diffusion/tiny-sd-a");
    const prompts = ['data.instance.token="[V]"', "data.instance.prompt=a [V] penguin"];
    const lines = await warnedOf(ofBytes, ...prompts, "sampling.prompts=[a (V) bird]");
    expect(lines.filter((line) => line.includes("seedbed sample"))).to.have.length(1);
    const line = lines.find((each) => each.includes("seedbed sample"));
    expect(line).to.match(
      /reads brackets as weights.*"a \[V\] penguin".* and \d+ more; leave them out/,
    );
    disposePipeline(ofBytes);
  });

  it("fills captions in", async () => {
    const overrides = captioned({ a: "a {token} penguin", b: "a blue {token} penguin" });
    expect(await warned(...overrides, "data.instance.token=sks")).to.deep.equal([]);
  });

  for (const { name, overrides } of [
    { name: "a caption", overrides: () => captioned({ a: "a sks pinguin" }) },
    { name: "the prompt", overrides: () => ["data.instance.prompt=a sks pinguin"] },
    { name: "a prompt to sample", overrides: () => ["sampling.prompts=[a sks pinguin]"] },
  ]) {
    it(`refuses words in ${name} that the vocabulary lacks`, async () => {
      const error = await warned(...overrides()).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(InputError);
      expect(String(error)).to.match(/"a sks pinguin[^"]*": the model's vocabulary lacks pinguin/);
    });
  }
});
