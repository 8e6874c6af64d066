import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";

import { InputError } from "../../../framework/base/errors.ts";
import {
  discardCheckpoint,
  findLastCheckpoint,
  listCheckpoints,
  pointedCheckpoint,
  removeCheckpointFolder,
  removeUnfinished,
} from "../../../framework/training/checkpointFolder.ts";
import { restoreParameters } from "../../../framework/training/restoreParameters.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, toyModule } from "../../support/toyTraining.ts";
import { resumableFit } from "./resumableFit.ts";

describe("a checkpoints folder", () => {
  const folder = temporaryFolder();
  const root = (...parts: string[]): string => folder.path("checkpoints", ...parts);
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);
  beforeEach(async () => {
    lines.length = 0;
    await resumableFit(folder.path(), { maxSteps: 16 });
  });

  it("is searched for the last checkpoint", () => {
    expect(listCheckpoints(root())[0]).to.equal("step-0000016");
    expect(findLastCheckpoint(root(), warn)).to.equal(root("step-0000016"));
    expect(pointedCheckpoint(root(), "last")).to.equal(root("step-0000016"));
    expect(lines).to.deep.equal([]);
  });

  it("offers an older checkpoint when the last is damaged", () => {
    writeFileSync(root("step-0000016", "parameters.safetensors"), "damaged");
    expect(findLastCheckpoint(root(), warn)).to.equal(root(listCheckpoints(root())[1]!));
    expect(lines.join()).to.include("parameters.safetensors is corrupt");
  });

  it("survives the loss of a pointer, and one that points nowhere", () => {
    for (const text of ["{", '{ "checkpoint": "../../etc", "step": 1 }']) {
      writeFileSync(root("last.json"), text);
      expect(findLastCheckpoint(root(), warn)).to.equal(root("step-0000016"));
    }
    rmSync(root("step-0000016"), { recursive: true });
    writeFileSync(root("last.json"), '{ "checkpoint": "step-0000016", "step": 16 }');
    expect(findLastCheckpoint(root(), warn)).to.equal(root(listCheckpoints(root())[0]!));
  });

  it("has checkpoints of any name, the newest by their content", () => {
    const names = listCheckpoints(root());
    renameSync(root(names.at(-1)!), root("z=1.5"));
    renameSync(root("step-0000016"), root("a=0.5"));
    rmSync(root("last.json"));
    expect(listCheckpoints(root())).to.deep.equal(["a=0.5", ...names.slice(1, -1), "z=1.5"]);
    expect(findLastCheckpoint(root(), warn)).to.equal(root("a=0.5"));
    folder.write({ "checkpoints/mine/notes.txt": "mine" });
    expect(listCheckpoints(root())).not.to.include("mine");
    expect(() => removeCheckpointFolder(root(), "mine")).to.throw(RangeError);
    removeCheckpointFolder(root(), "z=1.5");
    expect(listCheckpoints(root())).to.deep.equal(["a=0.5", ...names.slice(1, -1)]);
  });

  it("gives back a checkpoint whose replacement was cut short", () => {
    for (const recover of [
      () => findLastCheckpoint(root(), warn),
      () => removeUnfinished(root()),
    ]) {
      renameSync(root("step-0000016"), root(".step-0000016.123.tmp.old.tmp"));
      recover();
      expect(existsSync(root("step-0000016"))).to.equal(true);
    }
    expect(lines).to.deep.equal([]);
  });

  it("is refused when nothing in it is intact, and undefined when nothing was saved", () => {
    expect(findLastCheckpoint(folder.path("elsewhere"), warn)).to.equal(undefined);
    for (const name of listCheckpoints(root())) rmSync(root(name, "trainer.json"));
    expect(() => findLastCheckpoint(root(), warn)).to.throw(InputError, "none of its checkpoints");
  });

  it("is cleared of what a killed process left", () => {
    const unfinished = [
      ".step-0000009.123.tmp",
      ".loss=0.5.123.tmp",
      ".step-0000016.9.tmp.old.tmp",
    ];
    for (const name of unfinished) {
      folder.write({ [`checkpoints/${name}/parameters.safetensors`]: "half" });
    }
    folder.write({ "checkpoints/notes.txt": "mine" });
    removeUnfinished(root());
    expect(unfinished.filter((name) => existsSync(root(name)))).to.deep.equal([]);
    expect(existsSync(root("notes.txt"))).to.equal(true);
  });

  it("never loses what is not a checkpoint", () => {
    expect(() => removeCheckpointFolder(root(), "..")).to.throw(RangeError);
  });

  it("has a last checkpoint as long as it has one", () => {
    const names = listCheckpoints(root());
    for (const [i, name] of names.entries()) {
      expect(pointedCheckpoint(root(), "last")).to.equal(root(name));
      discardCheckpoint(root(), name);
      expect(listCheckpoints(root())).to.deep.equal(names.slice(i + 1));
    }
    expect(existsSync(root("last.json"))).to.equal(false);
  });

  it("gives a module its trained or averaged weights", async () => {
    const module = toyModule();
    restoreParameters(module, root("step-0000016"));
    const trained = await parameterBytes(module);
    restoreParameters(module, root("step-0000016"), "weightAveraging");
    expect(await parameterBytes(module)).not.to.equal(trained);
    expect(() => restoreParameters(module, root("step-0000016"), "other")).to.throw(
      InputError,
      'no weights averaged by "other"',
    );
    module.dispose();
  });
});
