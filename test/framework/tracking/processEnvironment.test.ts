import { expect } from "chai";
import { describe, it } from "mocha";

import { processEnvironment } from "../../../framework/tracking/processEnvironment.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("processEnvironment()", () => {
  const folder = temporaryFolder();

  it("names Node, the directory, and variables that tell, without what is secret", () => {
    const environment = processEnvironment(folder.path(), {
      SLURM_JOB_ID: "17",
      HOME: "/home/somebody",
      CUDA_VISIBLE_DEVICES: "0,1",
      HF_TOKEN: "hf_0123456789abcdef",
      MLFLOW_TRACKING_URI: "https://me:secret@example.org/a@b",
      WANDB_API_KEY: "0123456789abcdef",
      WANDB_NOTES: "key is 0123456789abcdef",
    });
    expect(environment).to.deep.include({
      directory: folder.path(),
      node: process.version,
      variables: {
        CUDA_VISIBLE_DEVICES: "0,1",
        MLFLOW_TRACKING_URI: "https://[redacted]@example.org/a@b",
        SLURM_JOB_ID: "17",
        WANDB_NOTES: "key is [redacted]",
      },
    });
  });

  it("has the versions of packages that the program and the directory depend on", () => {
    folder.write({
      "package.json":
        '{"dependencies": {"own": "*", "missing": "*", "damaged": "*"}, "devDependencies": {"tool": "*"}}',
      "node_modules/tool/package.json": '{"version": "9.0.0"}',
      "node_modules/own/package.json": '{"version": "1.2.3"}',
      "node_modules/damaged/package.json": "{",
    });
    const { packages } = processEnvironment(folder.path(), {});
    expect(packages).to.include({ own: "1.2.3", "@tensorflow/tfjs": "4.22.0" });
    expect(packages).not.to.have.any.keys("missing", "damaged", "tool");
  });
});
