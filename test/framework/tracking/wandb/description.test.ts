import { expect } from "chai";
import { describe, it } from "mocha";

import type { RunManifest } from "../../../../framework/tracking/runManifest.ts";
import { wandbFiles, wandbRunInfo } from "../../../../framework/tracking/wandb/description.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const manifest: RunManifest = {
  formatVersion: 1,
  id: "a1b2c3d4",
  name: "toy",
  status: "running",
  seed: 7,
  specSha256: "",
  command: ["seedbed", "run", "toy.yaml"],
  startedAt: "1970-01-01T00:16:40.000Z",
  heartbeatAt: "1970-01-01T00:16:40.000Z",
  summary: {},
  data: {},
  resumes: [],
  git: { commit: "abc", dirty: true },
  versions: { node: "20.1.0", seedbed: "0.1.0" },
  host: { name: "here", platform: "linux x64", cpu: "any", cores: 2, memoryBytes: 1000 },
};

describe("wandbRunInfo()", () => {
  const infoOf = (config: object, environment = {}, settings = {}, from = manifest) =>
    wandbRunInfo(from, settings, { ...config }, environment);

  it("takes what the spec leaves out from the environment", () => {
    const environment = { WANDB_PROJECT: "p", WANDB_ENTITY: "e", WANDB_SWEEP_ID: "s" };
    expect(infoOf({}, environment)).to.deep.include({ project: "p", entity: "e", sweepId: "s" });
    const settings = { project: "own", entity: "team", jobType: "train", group: "g", notes: "n" };
    expect(infoOf({}, environment, settings)).to.deep.include(settings);
    expect(infoOf({})).to.deep.include({ project: "seedbed", startTimeSeconds: 1000 });
  });

  it("gives one group to runs that differ in their seed alone", () => {
    const { group } = infoOf({ seed: 7, lr: 1 });
    expect(group).to.match(/^toy-[0-9a-f]{8}$/);
    expect(infoOf({ seed: 8, lr: 1 }).group).to.equal(group);
    expect(infoOf({ seed: 7, lr: 2 }).group).not.to.equal(group);
  });

  it("puts a sweep into the configuration, and its group in place of the own", () => {
    const sweep = { id: "swe3p1d0", name: "lr", trial: 3, group: "lr=1", parameters: { lr: 1 } };
    const info = infoOf({ lr: 1 }, {}, {}, { ...manifest, sweep });
    expect(info.group).to.equal("lr=1");
    expect(info.config).to.deep.equal({ lr: 1, sweep: { id: "swe3p1d0", name: "lr", trial: 3 } });
    expect(info).not.to.have.property("sweepId");
  });
});

describe("wandbFiles()", () => {
  const folder = temporaryFolder();

  it("has where the run ran, its packages, and what of its spec and changes is there", () => {
    folder.write({ "git.patch": "+new\n" });
    const files = wandbFiles(folder.path(), manifest);
    expect(JSON.parse(files["wandb-metadata.json"]!)).to.deep.equal({
      os: "linux x64",
      host: "here",
      cpu_count: 2,
      memory: { total: "1000" },
      program: "seedbed",
      args: ["run", "toy.yaml"],
      startedAt: "1970-01-01T00:16:40.000Z",
      node: "20.1.0",
      git: { commit: "abc" },
    });
    expect(files["requirements.txt"]).to.equal("node==20.1.0\nseedbed==0.1.0\n");
    expect(files["diff.patch"]).to.equal("+new\n");
    expect(files).not.to.have.property("spec.yaml");
  });
});
