import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { changeRun, type RunChange } from "../../../framework/tracking/changeRun.ts";
import { hashParameters } from "../../../framework/tracking/parameters.ts";
import { readManifest } from "../../../framework/tracking/runManifest.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { toyRuns } from "../../support/toyRuns.ts";

describe("changeRun()", () => {
  const folder = temporaryFolder();
  const create = toyRuns(folder);
  const sweep = { id: "abcdefgh", name: "toy", trial: 1, group: "g", parameters: { rate: 2 } };
  const changeTo = (source: string): RunChange => ({
    spec: { rate: 2 },
    specYaml: "rate: 2\n",
    sweep,
    input: { name: "generation 1", type: "checkpoint", path: source, step: 5 },
  });

  it("gives a run other settings, and says what it goes on from", async () => {
    const [run, other] = [create(), create()];
    await run.finish("interrupted", {}, 0);
    changeRun(run.folder, changeTo(other.path("checkpoints", "step-0000005")));
    const manifest = readManifest(run.folder);
    expect(manifest.specSha256).to.equal(hashParameters({ rate: 2 }));
    expect(readFileSync(run.path("spec.yaml"), "utf8")).to.equal("rate: 2\n");
    expect(manifest.sweep).to.deep.equal(sweep);
    expect(manifest.artifacts?.[0]).to.deep.include({ direction: "input", step: 5 });
    expect(manifest.artifacts?.[0]?.from).to.deep.equal({
      run: other.manifest.id,
      path: "checkpoints/step-0000005",
    });
    await other.finish("finished");
  });

  it("refuses a run that is in use", async () => {
    const run = create();
    expect(() => changeRun(run.folder, changeTo("x"))).to.throw(/it is in use by process/);
    await run.finish("finished");
  });
});
