import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError } from "seedbed";

import { settingsOf, settingsOfSubjects } from "../../../experiments/dreambooth/settings.ts";
import { subjectName, tokenWords } from "../../../experiments/dreambooth/subjects.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";

/** The data section of the committed spec with another subject in the place of its own. */
async function dataOf(...overrides: string[]) {
  const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
  return settingsOf(spec).data;
}

const cleared = ["data.instance=null", "data.class=null"];

describe("resolveSubjects()", () => {
  it("takes prompts as they are written", async () => {
    const { instance, class: ofClass, subjects } = await dataOf();
    expect(instance.prompts).to.deep.equal(["a sks penguin"]);
    expect(ofClass.prompt).to.equal("a penguin");
    expect(subjects).to.deep.equal([{ instance, class: ofClass }]);
  });

  it("makes the original's prompts of a token and a class", async () => {
    const { instance, class: ofClass } = await dataOf(
      ...cleared,
      "data.instance={ folder: subjects/cat, token: zwx, class: cat }",
      "data.class={}",
    );
    expect(instance.prompt).to.equal("photo of a zwx cat");
    expect(ofClass.prompt).to.equal("photo of a cat");
  });

  it("fills every template, of which the first is sampled", async () => {
    const { instance, class: ofClass } = await dataOf(
      ...cleared,
      'data.instance={ folder: x, token: zwx, class: cat, templates: ["a {token} {class}", "the {token}"] }',
      'data.class={ prompt: "one {class}" }',
    );
    expect(instance.prompts).to.deep.equal(["a zwx cat", "the zwx"]);
    expect(instance.prompt).to.equal("a zwx cat");
    expect(ofClass.prompt).to.equal("one cat");
  });

  it("takes several subjects, whose first is also data.instance and data.class", async () => {
    const data = await dataOf(
      ...cleared,
      "data.subjects=[{ instance: { folder: subjects/cat, token: sks, class: cat } }, { instance: { folder: subjects/clock, token: zwx, class: clock } }]",
    );
    expect(data.subjects.map(({ instance }) => instance.prompt)).to.deep.equal([
      "photo of a sks cat",
      "photo of a zwx clock",
    ]);
    expect(data.subjects[1]!.class.count).to.equal(100);
    expect({ instance: data.instance, class: data.class }).to.deep.equal(data.subjects[0]);
  });

  const subject = "{ instance: { folder: x, token: sks, class: cat } }";
  for (const { name, overrides, message } of [
    {
      name: "no subject",
      overrides: cleared,
      message: /expected data\.instance and data\.class, or data\.subjects.*got no data\.instance/,
    },
    {
      name: "both kinds",
      overrides: [`data.subjects=[${subject}]`],
      message: /data\.subjects in their place, got both/,
    },
    {
      name: "a subject without words",
      overrides: [...cleared, "data.subjects=[{ instance: { folder: x, token: sks } }]"],
      message: /expected data\.subjects\[0\]\.instance\.prompt, or .*token and .*class/,
    },
    {
      name: "a class without words",
      overrides: [...cleared, "data.instance={ folder: x, prompt: a sks cat }", "data.class={}"],
      message: /expected data\.class\.prompt, or data\.instance\.class/,
    },
    {
      name: "a template that cannot be filled in",
      overrides: ['data.instance.prompt="a {token} penguin"'],
      message: /Cannot fill in "a \{token\} penguin": expected data\.instance\.token, got none/,
    },
    {
      name: "two subjects of one prompt",
      overrides: [...cleared, `data.subjects=[${subject}, ${subject}]`],
      message: /expected a prompt for each subject, got "photo of a sks cat" twice/,
    },
  ]) {
    it(`refuses ${name}`, async () => {
      const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", overrides);
      expect(() => settingsOf(spec)).to.throw(InputError, message);
    });
  }
});

describe("settingsOfSubjects()", () => {
  const two =
    "data.subjects=[{ instance: { folder: x, token: sks, class: cat } }, { instance: { folder: y, token: zwx, class: clock } }]";

  it("puts each subject in the place of the first, with the prompts that are its own", async () => {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      ...cleared,
      two,
      'sampling.prompts=["a {token} {class} in red", "a sks cat and a zwx clock"]',
    ]);
    const [cat, clock, ...others] = settingsOfSubjects(spec);
    expect(others).to.deep.equal([]);
    expect(cat!.data.instance.folder).to.equal("x");
    expect(cat!.sampling.prompts).to.deep.equal(["a sks cat in red", "a sks cat and a zwx clock"]);
    expect(clock!.data.instance.folder).to.equal("y");
    expect(clock!.sampling.prompts).to.deep.equal(["a zwx clock in red"]);
    expect(clock!.data.subjects).to.deep.equal(cat!.data.subjects);
    expect([cat, clock].map((each) => subjectName(each!.data))).to.deep.equal([
      "photo-of-a-sks-cat",
      "photo-of-a-zwx-clock",
    ]);
  });

  it("has one without a name where there is one subject", async () => {
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml");
    const [only, ...others] = settingsOfSubjects(spec);
    expect(others).to.deep.equal([]);
    expect(only).to.deep.equal(settingsOf(spec));
    expect(subjectName(only!.data)).to.equal(undefined);
  });
});

describe("subjectName()", () => {
  const named = async (...prompts: string[]): Promise<(string | undefined)[]> => {
    const subjects = prompts.map((prompt) => ({
      instance: { folder: "x", prompt },
      class: { prompt: "a cat" },
    }));
    const { spec } = await loadExperimentSpec("configs/dreambooth.yaml", [
      ...cleared,
      `data.subjects=${JSON.stringify(subjects)}`,
    ]);
    return settingsOfSubjects(spec).map(({ data }) => subjectName(data));
  };

  it("has a hash of the prompt where subjects differ in punctuation alone", async () => {
    expect(await named("a sks cat", "a sks, cat", "a zwx cat")).to.deep.equal([
      "a-sks-cat-909b3baf",
      "a-sks-cat-10e8465a",
      "a-zwx-cat",
    ]);
  });

  it("is no longer than file systems take, whatever its letters", async () => {
    const long = `a sks ${"柴犬".repeat(60)}`;
    const [first, second, third] = await named(`${long} 1`, `${long} 2`, "a zwx cat");
    expect(first).to.match(/^a-sks-(柴犬)+柴?-[0-9a-f]{8}$/);
    expect(Buffer.byteLength(first!)).to.be.within(198, 200);
    expect(second).to.not.equal(first);
    expect(third).to.equal("a-zwx-cat");
  });
});

describe("tokenWords()", () => {
  it("are what the prompt says and the class's does not", async () => {
    expect(tokenWords((await dataOf()).subjects[0]!)).to.deep.equal(["sks"]);
    const same = await dataOf("data.instance.prompt=a Penguin");
    expect(tokenWords(same.subjects[0]!)).to.deep.equal([]);
  });

  it("are as the prompt writes them: a learned token with capitals is no other's", async () => {
    const { subjects } = await dataOf("data.instance.prompt=A <My-Pet> Penguin");
    expect(tokenWords(subjects[0]!)).to.deep.equal(["<My-Pet>"]);
  });

  it("are the token that the spec names", async () => {
    const { subjects } = await dataOf("data.instance.token=ohwx");
    expect(tokenWords(subjects[0]!)).to.deep.equal(["ohwx"]);
  });
});
