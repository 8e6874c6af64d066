import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hashArtifact } from "../../../framework/tracking/artifacts.ts";
import { createRun } from "../../../framework/tracking/createRun.ts";
import type { Run } from "../../../framework/tracking/run.ts";
import type { RunArtifact } from "../../../framework/tracking/runArtifact.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { workerRun } from "../../../framework/tracking/workerRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

// echo -n abc | sha256sum
const hashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("hashArtifact()", () => {
  const folder = temporaryFolder();

  it("hashes a file's content", () => {
    folder.write({ "weights.bin": "abc" });
    const content = { sha256: hashOfAbc, bytes: 3 };
    expect(hashArtifact(folder.path("weights.bin"))).to.deep.equal(content);
  });

  it("hashes what sha256sum prints of a folder's files", () => {
    folder.write({ "b.json": "abc", "a/é.txt": "x", "a/b.txt": "" });
    const printed = execFileSync("sha256sum", ["a/b.txt", "a/é.txt", "b.json"], {
      cwd: folder.path(),
    });
    folder.write({ "printed.txt": printed.toString() });
    const printedHash = hashArtifact(folder.path("printed.txt"))?.sha256;
    rmSync(folder.path("printed.txt"));
    expect(hashArtifact(folder.path())).to.deep.equal({ sha256: printedHash, bytes: 4 });
  });

  it("knows nothing of what is gone", () => {
    expect(hashArtifact(folder.path("gone"))).to.equal(undefined);
  });
});

describe("Run.recordArtifact()", () => {
  const folder = temporaryFolder();
  const create = (name: string): Run =>
    createRun({ root: folder.path(), name, seed: 1, spec: {}, specYaml: "", command: [] });
  const artifactsOf = (run: Run): readonly RunArtifact[] => readManifest(run.folder).artifacts!;

  it("notes at once what there is, and its hash when the run ends", async () => {
    const run = create("a");
    folder.write({ [`a/${run.id}/model/weights.bin`]: "abc" });
    run.recordArtifact({ name: "model", type: "model", path: run.path("model"), step: 7 });
    const noted = { name: "model", type: "model", path: "model", step: 7, direction: "output" };
    expect(artifactsOf(run)).to.deep.equal([{ ...noted, sha256: null, bytes: null }]);
    await run.finish("finished");
    expect(artifactsOf(run)).to.deep.equal([{ ...noted, ...hashArtifact(run.path("model")) }]);
  });

  it("knows the run that an input comes from, whose output has the same hash", async () => {
    const [producer, user] = [create("producer"), create("user")];
    folder.write({ [`producer/${producer.id}/model/weights.bin`]: "abc", "other.bin": "abc" });
    producer.recordArtifact({ name: "model", type: "model", path: producer.path("model") });
    const input = { type: "model", direction: "input" } as const;
    user.recordArtifact({ ...input, name: "start", path: producer.path("model") });
    user.recordArtifact({ ...input, name: "base", path: folder.path("other.bin") });
    for (const run of [producer, user]) await run.finish("finished");
    const [start, base] = artifactsOf(user);
    expect(start).to.deep.include({
      path: producer.path("model"),
      sha256: artifactsOf(producer)[0]!.sha256,
      from: { run: producer.id, path: "model" },
    });
    expect(base).to.include({ path: folder.path("other.bin"), sha256: hashOfAbc });
    expect(base).not.to.have.property("from");
  });

  it("has one artifact of a direction and name", async () => {
    const run = create("a");
    for (const step of [1, 2]) {
      run.recordArtifact({ name: "best", type: "checkpoint", path: run.path("x"), step });
    }
    run.recordArtifact({
      name: "best",
      type: "checkpoint",
      path: run.path("y"),
      direction: "input",
    });
    await run.finish("failed");
    expect(artifactsOf(run).map(({ step, path }) => [step, path])).to.deep.equal([
      [2, "x"],
      [null, "y"],
    ]);
  });

  it("leaves hashing to the end of the run that goes on after an interruption", async () => {
    const run = create("a");
    folder.write({ "other.bin": "abc" });
    run.recordArtifact({ name: "base", type: "model", path: folder.path("other.bin") });
    await run.finish("interrupted");
    expect(artifactsOf(run)[0]!.sha256).to.equal(null);
  });

  it("takes a hash that is known, and none of a worker", async () => {
    const run = create("a");
    folder.write({ "other.bin": "abc" });
    const known = { sha256: "12", bytes: 5 };
    run.recordArtifact({ name: "base", type: "model", path: folder.path("other.bin"), ...known });
    const worker = workerRun(run.manifest);
    worker.run.recordArtifact({ name: "x", type: "model", path: folder.path("other.bin") });
    await worker.run.finish("finished");
    expect(readdirSync(worker.run.folder)).to.deep.equal(["manifest.json"]); // nothing to put back
    expect(artifactsOf(worker.run).map(({ sha256 }) => sha256)).to.deep.equal(["12", null]);
    worker.remove();
    await run.finish("finished");
    expect(artifactsOf(run)).to.have.length(1);
    expect(artifactsOf(run)[0]).to.deep.include(known);
  });
});
