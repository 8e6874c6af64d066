import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { InputError, readPointer, Trainer, type Callback, type TrainerOptions } from "seedbed";

import { modelCheckpoint } from "../../../callbacks/modelCheckpoint.ts";
import { verifyCheckpoint } from "../../../framework/training/checkpoint.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { parameterBytes, toyLoader, toyModule } from "../../support/toyTraining.ts";

interface Fit extends TrainerOptions {
  resumeFrom?: string;
}

describe("checkpoints that a thread writes", () => {
  const folder = temporaryFolder();
  const everyStep = (saveTopK = -1): Callback => modelCheckpoint({ everyNTrainSteps: 1, saveTopK });

  /** @returns the parameters at the end */
  async function fit({ resumeFrom, ...options }: Fit = {}): Promise<string> {
    const module = toyModule();
    const trainer = new Trainer({
      maxSteps: 5,
      checkpointsFolder: folder.path("threaded"),
      checkpoints: { async: true },
      callbacks: [everyStep()],
      print: () => {},
      ...options,
    });
    try {
      await trainer.fit(module, { trainLoader: toyLoader(2), resumeFrom });
      return await parameterBytes(module);
    } finally {
      module.dispose();
    }
  }

  /** Every file below a folder, by its path there. */
  function contents(name: string): Record<string, string> {
    const root = folder.path(name);
    const files = readdirSync(root, { recursive: true, encoding: "utf8", withFileTypes: true });
    const names = files
      .filter((entry) => entry.isFile())
      .map((each) => `${each.parentPath}/${each.name}`);
    return Object.fromEntries(
      names.map((file) => [path.relative(root, file), readFileSync(file, "base64")]),
    );
  }

  it("have the bytes of those that are written at once", async () => {
    await fit();
    await fit({ checkpointsFolder: folder.path("plain"), checkpoints: { async: false } });
    expect(Object.keys(contents("plain"))).to.have.length(5 * 5 + 1);
    expect(contents("threaded")).to.deep.equal(contents("plain"));
  });

  it("are removed once others have taken their place, and are all there at the end", async () => {
    const saved: string[] = [];
    const watch: Callback = {
      name: "watch",
      onCheckpointSaved(_state, name) {
        expect(readdirSync(folder.path("threaded"))).to.include(name);
        expect(readPointer(folder.path("threaded"), "last")?.checkpoint).to.equal(name);
        saved.push(name);
      },
      onTrainEnd: () => void saved.push("end"),
    };
    await fit({ callbacks: [everyStep(1), watch] });
    const names = [1, 2, 3, 4, 5].map((step) => `step-000000${step}`);
    expect(saved).to.deep.equal([...names, "end"]);
    expect(readdirSync(folder.path("threaded"))).to.deep.equal(["last.json", "step-0000005"]);
  });

  it("lose nothing when the fit is interrupted while they are written", async () => {
    const abort = new AbortController();
    const interrupt: Callback = {
      name: "interrupt",
      onTrainBatchEnd({ step }) {
        if (step === 3) abort.abort();
      },
    };
    const interrupted = fit({ callbacks: [everyStep(), interrupt], signal: abort.signal });
    await interrupted.then(
      () => expect.fail("it ended by itself"),
      (error: unknown) => expect(String(error)).to.match(/step 3/),
    );
    expect(readPointer(folder.path("threaded"), "last")?.step).to.equal(3);
    const checkpoints = { async: false };
    const resumeFrom = folder.path("threaded", "step-0000003-interrupted");
    const whole = await fit({ checkpoints, checkpointsFolder: folder.path("whole") });
    expect(await fit({ checkpoints, resumeFrom })).to.equal(whole);
  });

  it("end the fit when one cannot be written, with the reason", async () => {
    const tooLong: Callback = {
      name: "tooLong",
      kind: "checkpoint",
      wantsCheckpoint: ({ step }) => step === 1 && { name: "x".repeat(300) },
    };
    const failed = await fit({ callbacks: [tooLong], maxSteps: 1000 }).catch(String);
    expect(failed).to.match(/ENAMETOOLONG/);
    expect(readPointer(folder.path("threaded"), "last")).to.equal(undefined);
  });
});

describe("checkpoints in shards", () => {
  const folder = temporaryFolder();

  it("are several files with an index, from which training goes on with the same bits", async () => {
    const bytes: string[] = [];
    for (const [maxSteps, resumeFrom] of [
      [4, undefined],
      [2, undefined],
      [4, folder.path("c", "step-0000002")],
    ] as const) {
      const own = toyModule();
      const trainer = new Trainer({
        maxSteps,
        checkpointsFolder: folder.path(bytes.length === 0 ? "whole" : "c"),
        checkpoints: { maxShardSize: bytes.length === 0 ? null : "64 B" },
        callbacks: [modelCheckpoint({ everyNTrainSteps: 2, saveTopK: -1 })],
        print: () => {},
      });
      await trainer.fit(own, { trainLoader: toyLoader(2), resumeFrom });
      bytes.push(await parameterBytes(own));
      own.dispose();
    }
    expect(bytes[2]).to.equal(bytes[0]);
    const files = readdirSync(folder.path("c", "step-0000004"));
    expect(files).to.have.members([
      "callbacks.safetensors",
      ...[1, 2, 3, 4].map((i) => `optimizer-0000${i}-of-00004.safetensors`),
      "optimizer.safetensors.index.json",
      "otherState.safetensors",
      ...[1, 2].map((i) => `parameters-0000${i}-of-00002.safetensors`),
      "parameters.safetensors.index.json",
      "trainer.json",
    ]);
    const shard = folder.path("c", "step-0000004", "parameters-00002-of-00002.safetensors");
    writeFileSync(shard, "damaged");
    expect(() => verifyCheckpoint(folder.path("c", "step-0000004"))).to.throw(
      InputError,
      "parameters-00002-of-00002.safetensors is corrupt",
    );
  });
});
