import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { settingsOf } from "../../../experiments/dreambooth/settings.ts";
import {
  allPrompts,
  classPrompts,
  instancePrompts,
} from "../../../experiments/dreambooth/subjectPrompts.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("a subject's prompts", () => {
  const temporary = temporaryFolder();

  /** A subject in a folder of pictures that nobody opens, with captions beside some. */
  async function subject(captions: Record<string, string>, ...overrides: string[]) {
    const folder = temporary.path("pictures");
    mkdirSync(folder);
    for (const name of ["a", "b"]) writeFileSync(path.join(folder, `${name}.png`), "");
    for (const [name, text] of Object.entries(captions)) {
      writeFileSync(path.join(folder, `${name}.txt`), text);
    }
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      `data.instance={ folder: ${folder}, prompt: a sks penguin, token: sks, class: penguin }`,
      `data.class={ folder: ${folder}, prompt: a penguin }`,
      ...overrides,
    ]);
    const files = ["a", "b"].map((name) => path.join(folder, `${name}.png`));
    return { data: settingsOf(spec).data, files };
  }

  it("are captions, filled in, and the prompt where a picture has none", async () => {
    const { data, files } = await subject(
      { a: "a blue {token} {class}" },
      "data.instance.captions=files",
    );
    expect(instancePrompts(data, files)).to.deep.equal([["a blue sks penguin"], ["a sks penguin"]]);
  });

  it("are the class's captions for the user's own pictures, its prompt for those drawn", async () => {
    const { data } = await subject({ b: "a blue {class}" }, "data.class.captions=files");
    expect(classPrompts(data, 3)).to.deep.equal(["a penguin", "a blue penguin", "a penguin"]);
  });

  it("are all looked at before training, on every background", async () => {
    const { data } = await subject(
      { a: "sks asleep" },
      "data.instance.captions=files",
      'data.instance.backgrounds={ red: "#ff0000" }',
    );
    expect([...allPrompts(data)].toSorted()).to.deep.equal([
      "a penguin",
      "a sks penguin",
      "a sks penguin on a red background",
      "sks asleep",
      "sks asleep on a red background",
    ]);
  });
});
