import { expect } from "chai";
import { describe, it } from "mocha";

import {
  artifactReference,
  manifestDigest,
} from "../../../../framework/tracking/wandb/artifact.ts";

describe("manifestDigest()", () => {
  it("is what wandb 0.30.0 computes", () => {
    // wandb.Artifact("model", "model") with a file w.bin of the bytes "hello", its `digest`
    const entry = { path: "w.bin", digest: "XUFAKrxLKna5cZ2REBfFkg==", size: 5 };
    expect(manifestDigest([entry])).to.equal("af2c8db3980657963ff07a84d2364899");
  });
});

describe("artifactReference()", () => {
  it("names a file where it is", () => {
    const made = {
      name: "last weights",
      type: "model",
      path: "checkpoints/last.bin",
      sha256: "ff00",
      bytes: 7,
      step: 12,
      direction: "output",
    } as const;
    const record = artifactReference(made, "/runs/a b/last.bin", {
      runId: "a1b2c3d4",
      project: "tests",
    });
    expect(record).to.deep.include({
      name: "last_weights",
      type: "model",
      metadata: '{"sha256":"ff00","step":12}',
      aliases: ["latest", "step-12"],
    });
    expect(record.manifest.contents).to.deep.equal([
      { path: "last.bin", digest: "ff00", size: 7, ref: "file:///runs/a%20b/last.bin" },
    ]);
    expect(record.clientId)
      .to.match(/^[0-9a-z]{128}$/)
      .and.not.equal(record.sequenceClientId);
  });
});
