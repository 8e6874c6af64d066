import { expect } from "chai";
import { describe, it } from "mocha";

import { SpecError } from "../../../framework/base/errors.ts";
import { readSpec } from "../../../framework/spec/readSpec.ts";
import { describeOrigin, nodeAt, toPlain } from "../../../framework/spec/specNode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("readSpec()", () => {
  const folder = temporaryFolder();
  const read = (name: string, ...overrides: string[]): unknown =>
    toPlain(readSpec(folder.path(name), overrides).root);

  it("merges mappings of the extended file and replaces its lists and scalars", () => {
    folder.write({
      "base/b.yaml": "trainer:\n  maxSteps: 5\n  threads: 2\ntags: [a, b]\n",
      "s.yaml": "extends: base/b.yaml\ntrainer: {maxSteps: 9}\ntags: [c]\n",
    });
    expect(read("s.yaml")).to.deep.equal({ trainer: { maxSteps: 9, threads: 2 }, tags: ["c"] });
  });

  it("lets later files of an `extends` list win, and the file itself over all", () => {
    folder.write({
      "a.yaml": "x: 1\ny: 1\nz: 1\n",
      "b.yaml": "y: 2\nz: 2\n",
      "s.yaml": "extends: [a.yaml, b.yaml]\nz: 3\n",
    });
    const { root, files } = readSpec(folder.path("s.yaml"));
    expect(toPlain(root)).to.deep.equal({ x: 1, y: 2, z: 3 });
    expect(files).to.deep.equal(["a.yaml", "b.yaml", "s.yaml"].map((name) => folder.path(name)));
  });

  it("reads a file twice when two others extend it, which is no cycle", () => {
    folder.write({
      "root.yaml": "x: 1\n",
      "a.yaml": "extends: root.yaml\n",
      "b.yaml": "extends: root.yaml\n",
      "s.yaml": "extends: [a.yaml, b.yaml]\n",
    });
    expect(read("s.yaml")).to.deep.equal({ x: 1 });
  });

  it("knows the file and line that each value came from", () => {
    folder.write({ "b.yaml": "trainer:\n  maxSteps: 5\n", "s.yaml": "extends: b.yaml\nseed: 1\n" });
    const { root } = readSpec(folder.path("s.yaml"), ["trainer.threads=2"]);
    const origin = (...keys: string[]): string => describeOrigin(nodeAt(root, keys).origin);
    expect(origin("trainer", "maxSteps")).to.equal(`${folder.path("b.yaml")}:2`);
    expect(origin("seed")).to.equal(`${folder.path("s.yaml")}:2`);
    expect(origin("trainer", "threads")).to.equal("command line");
  });

  it("copies what an alias stands for, so that changing one does not change the other", () => {
    folder.write({ "s.yaml": "a: &x {n: 1}\nb: *x\n" });
    expect(read("s.yaml", "b.n=2")).to.deep.equal({ a: { n: 1 }, b: { n: 2 } });
  });

  for (const { override, expected } of [
    { override: "trainer.maxSteps=10", expected: { trainer: { maxSteps: 10 } } },
    {
      override: "optimizer={name: sgd, nesterov: true}",
      expected: { optimizer: { name: "sgd", nesterov: true } },
    },
    { override: "note=a: b", expected: { note: { a: "b" } } },
    { override: "note='a=b'", expected: { note: "a=b" } },
    { override: "note=", expected: { note: null } },
    { override: "rate=1e-3", expected: { rate: 0.001 } },
    {
      override: "callbacks.0=timer",
      expected: { callbacks: ["timer", { earlyStopping: { patience: 3 } }] },
    },
    {
      override: "callbacks.1.earlyStopping.patience=5",
      expected: { callbacks: ["progressBar", { earlyStopping: { patience: 5 } }] },
    },
    {
      override: "callbacks.earlyStopping.patience=5",
      expected: { callbacks: ["progressBar", { earlyStopping: { patience: 5 } }] },
    },
    {
      override: "callbacks.progressBar.width=9",
      expected: { callbacks: [{ progressBar: { width: 9 } }, { earlyStopping: { patience: 3 } }] },
    },
  ]) {
    it(`sets ${override}`, () => {
      folder.write({ "s.yaml": "callbacks: [progressBar, {earlyStopping: {patience: 3}}]\n" });
      const callbacks = ["progressBar", { earlyStopping: { patience: 3 } }];
      expect(read("s.yaml", override)).to.deep.equal({ callbacks, ...expected });
    });
  }

  for (const { text, at, problem } of [
    { text: "", at: "s.yaml at /", problem: "expected a mapping, got nothing" },
    { text: "[1]", at: "s.yaml at /", problem: "expected a mapping, got a list" },
    { text: "a: 1\na: 2", at: "s.yaml:2 at /a", problem: 'expected each key once, got "a" again' },
    { text: "a:\n  __proto__: {x: 1}", at: "s.yaml:2 at /a", problem: 'got "__proto__"' },
    { text: "constructor: 1", at: "s.yaml:1 at /", problem: 'got "constructor"' },
    { text: "a: {1: x}", at: "s.yaml:1 at /a", problem: "expected text as a key, got 1" },
    { text: "a: {true: x}", at: "s.yaml:1 at /a", problem: "expected text as a key, got true" },
    { text: "? [a]\n: 1", at: "s.yaml:1 at /", problem: "expected text as a key, got a list" },
    { text: "a: &x [*x]", at: "s.yaml:1 at /a/0", problem: "an alias inside its own" },
    { text: "a: *x", at: "s.yaml:1 at /a", problem: "expected an anchor written above" },
    { text: "a: !!js/function x", at: "s.yaml:1 at /", problem: "tag" },
    { text: "a: 1\n---\nb: 2", at: "s.yaml:2 at /", problem: "multiple documents" },
    { text: "a: [1, 2\nb: 3", at: "s.yaml:", problem: "" },
    { text: "a: 1\nb: 12345678901234567890", at: "s.yaml:2 at /b", problem: "2^53" },
    {
      text: "x: 1\nextends: none.yaml",
      at: "s.yaml:2 at /extends",
      problem: "none.yaml: no such file",
    },
    {
      text: "extends: {a: 1}",
      at: "s.yaml:1 at /extends",
      problem: "expected a path or a list of paths",
    },
    {
      text: "extends: s.yaml",
      at: "s.yaml:1 at /extends",
      problem: "expected files without a cycle",
    },
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      folder.write({ "s.yaml": text });
      expect(() => read("s.yaml"))
        .to.throw(SpecError, problem)
        .with.property("message")
        .that.includes(folder.path(at));
    });
  }

  it("refuses aliases that unfold without end", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`);
    folder.write({ "s.yaml": lines.join("\n") });
    expect(() => read("s.yaml")).to.throw(SpecError, "expected at most 100000 values");
  });

  it("shows the whole chain of a cycle", () => {
    folder.write({ "a.yaml": "extends: b.yaml\n", "b.yaml": "\nextends: a.yaml\n" });
    const [a, b] = [folder.path("a.yaml"), folder.path("b.yaml")];
    expect(() => read("a.yaml"))
      .to.throw(`${b}:2 at /extends`)
      .with.property("message")
      .that.includes(`got ${a} -> ${b} -> ${a}`);
  });

  it("names the nearest file when there is none", () => {
    folder.write({ "dreambooth.yaml": "a: 1" });
    expect(() => read("dreamboth.yaml")).to.throw(
      SpecError,
      `no such file; did you mean ${folder.path("dreambooth.yaml")}?`,
    );
  });

  for (const { override, problem } of [
    { override: "seed", problem: 'expected path.to.key=value, got "seed"' },
    { override: "=1", problem: "expected path.to.key=value" },
    { override: "a..b=1", problem: "expected path.to.key=value" },
    { override: "__proto__.x=1", problem: "expected path.to.key=value" },
    { override: "a.constructor.x=1", problem: "expected path.to.key=value" },
    { override: "a={__proto__: 1}", problem: 'got "__proto__"' },
    {
      override: "seed.x=1",
      problem: "at /seed: expected a mapping or list to set a value in, got 3",
    },
    { override: "tags.2=c", problem: "at /tags/2: expected an index below 2, got 2" },
    {
      override: "tags.bb.x=c",
      problem: 'at /tags/bb: expected an index or a name in the list, got "bb"; did you mean "b"?',
    },
    { override: "tags=[a", problem: "at /tags: " },
  ]) {
    it(`refuses the override ${override}`, () => {
      folder.write({ "s.yaml": "seed: 3\ntags: [a, b]\n" });
      expect(() => read("s.yaml", override))
        .to.throw(SpecError, problem)
        .with.property("message")
        .that.includes("Cannot read spec command line at ");
    });
  }
});
