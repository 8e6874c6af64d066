import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { createRun } from "../../../framework/tracking/createRun.ts";
import { findReferenced, parseRunReference } from "../../../framework/tracking/runReference.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("parseRunReference()", () => {
  for (const { text, expected } of [
    { text: "run:teacher", expected: { run: "teacher", path: "model" } },
    { text: "run:my run/a/b.txt", expected: { run: "my run", path: "a/b.txt" } },
    { text: "runs/teacher/model", expected: undefined },
    { text: "run:", expected: undefined },
    { text: "/some/run:teacher", expected: undefined },
  ]) {
    it(`reads ${text}`, () => {
      expect(parseRunReference(text)).to.deep.equal(expected);
    });
  }
});

describe("findReferenced()", () => {
  const folder = temporaryFolder();
  const root = (): string => folder.path("runs");

  async function makeRun(
    name: string,
    outcome: "finished" | "failed",
    files: Record<string, string> = { "model/config.json": "{}" },
  ): Promise<{ id: string; place: string }> {
    const run = createRun({ root: root(), name, seed: 0, spec: {}, specYaml: "", command: [] });
    const below = path.relative(folder.path(), run.folder);
    folder.write(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`${below}/${file}`, text])),
    );
    await run.finish(outcome);
    return { id: run.id, place: run.folder };
  }

  it("finds the newest finished run of a name", async () => {
    await makeRun("teacher", "finished");
    await new Promise((resolve) => setTimeout(resolve, 2)); // runs are told apart by milliseconds
    const newest = await makeRun("teacher", "finished");
    await makeRun("teacher", "failed");
    await makeRun("other", "finished");
    const found = findReferenced(root(), { run: "teacher", path: "model" });
    expect(found).to.equal(path.resolve(newest.place, "model"));
  });

  it("finds a run by its id, and other things in it", async () => {
    const { id, place } = await makeRun("teacher", "finished", { "a/b.txt": "" });
    expect(findReferenced(root(), { run: id, path: "a/b.txt" })).to.equal(
      path.resolve(place, "a/b.txt"),
    );
    expect(() => findReferenced(root(), { run: id, path: "model" })).to.throw(
      `run ${place} has no model`,
    );
  });

  it("finds nothing where no such run has finished", async () => {
    await makeRun("teacher", "failed");
    expect(findReferenced(root(), { run: "teacher", path: "model" })).to.equal(undefined);
  });
});
