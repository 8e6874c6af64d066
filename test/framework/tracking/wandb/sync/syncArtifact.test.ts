import { rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { InputError } from "../../../../../framework/base/errors.ts";
import { artifactReference } from "../../../../../framework/tracking/wandb/artifact.ts";
import type { WandbArtifactRecord } from "../../../../../framework/tracking/wandb/proto.ts";
import { WandbApi } from "../../../../../framework/tracking/wandb/sync/api.ts";
import { syncArtifact } from "../../../../../framework/tracking/wandb/sync/syncArtifact.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";
import { startWandbServer, type WandbServer } from "../../../../support/wandbServer.ts";

describe("syncArtifact()", () => {
  const folder = temporaryFolder();
  const address = { entity: "tester", project: "tests", runId: "a1b2c3d4" };
  let server: WandbServer;
  let api: WandbApi;
  beforeEach(async () => {
    server = await startWandbServer("ok");
    api = new WandbApi({ baseUrl: server.url, key: "k".repeat(40), delaysSeconds: [] });
  });
  afterEach(() => server.close());

  const made = { name: "last", type: "model", path: "last.bin", bytes: 5, step: 3 } as const;
  const reference = (): WandbArtifactRecord =>
    artifactReference({ ...made, sha256: "ff00", direction: "output" }, "/runs/last.bin", address);
  /** As W&B's own programs write it: with its content. */
  const whole = (): WandbArtifactRecord => {
    writeFileSync(folder.path("w.bin"), "hello");
    const digest = "XUFAKrxLKna5cZ2REBfFkg=="; // MD5 of "hello"
    const contents = [{ path: "w.bin", digest, size: 5, ref: "", localPath: folder.path("w.bin") }];
    return { ...reference(), name: "whole", manifest: { ...reference().manifest, contents } };
  };
  const uploads = (): string[][] =>
    [...server.uploads].map(([name, bytes]) => [name.split("/").at(-1)!, bytes.toString()]);

  it("sends a manifest of what it refers to, and commits it", async () => {
    await syncArtifact(api, address, reference());
    const [artifact] = server.artifacts.values();
    expect(artifact!.isCommitted).to.equal(true);
    expect(artifact!.input).to.deep.include({
      entityName: "tester",
      projectName: "tests",
      runName: "a1b2c3d4",
      artifactTypeName: "model",
      aliases: [
        { artifactCollectionName: "last", alias: "latest" },
        { artifactCollectionName: "last", alias: "step-3" },
      ],
    });
    expect(uploads()).to.deep.equal([
      [
        "wandb_manifest.json",
        '{"version":1,"storagePolicy":"wandb-storage-policy-v1","storagePolicyConfig":{"storageLayout":"V2"},"contents":{"last.bin":{"digest":"ff00","ref":"file:///runs/last.bin","size":5}}}',
      ],
    ]);
  });

  it("sends the files of one that has its content", async () => {
    await syncArtifact(api, address, whole());
    expect(uploads().map(([name]) => name)).to.deep.equal(["w.bin", "wandb_manifest.json"]);
    expect(uploads()[0]).to.deep.equal(["w.bin", "hello"]);
  });

  it("sends nothing of one that is there", async () => {
    await syncArtifact(api, address, reference());
    server.uploads.clear();
    await syncArtifact(api, address, reference());
    expect(uploads()).to.deep.equal([]);
  });

  it("announces none whose files are gone", async () => {
    const artifact = whole();
    rmSync(folder.path("w.bin"));
    const error = await syncArtifact(api, address, artifact).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.include("Cannot upload artifact whole: w.bin is gone");
    expect(server.artifacts.size).to.equal(0);
  });
});
