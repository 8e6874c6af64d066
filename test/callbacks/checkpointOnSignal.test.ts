import { expect } from "chai";
import { describe, it } from "mocha";
import { listCheckpoints, readPointer, type Callback } from "seedbed";

import { checkpointOnSignal } from "../../callbacks/checkpointOnSignal.ts";
import { resumableFit } from "../framework/training/resumableFit.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

describe("checkpointOnSignal()", () => {
  const folder = temporaryFolder();
  const names = (): string[] => listCheckpoints(folder.path("checkpoints"));

  /** Gets the signal in the middle of two steps. */
  const signalled = (signal: "SIGUSR1" | "SIGHUP"): Callback => ({
    name: "signalled",
    onTrainBatchStart({ step }) {
      if (step === 2 || step === 5) process.emit(signal);
    },
  });

  it("saves after the running step, trains on, and keeps what it saved", async () => {
    const before = process.listenerCount("SIGUSR1");
    const callbacks = [checkpointOnSignal(), signalled("SIGUSR1")];
    const { bytes } = await resumableFit(folder.path(), { callbacks });
    expect(names()).to.include.members(["asked-step-0000003", "asked-step-0000006"]);
    expect(readPointer(folder.path("checkpoints"), "last")?.step, "the fit went on").to.equal(22);
    expect(process.listenerCount("SIGUSR1")).to.equal(before);
    folder.clear();
    expect((await resumableFit(folder.path(), { callbacks: [] })).bytes).to.equal(bytes);
    expect(names().filter((name) => name.startsWith("asked"))).to.deep.equal([]);
  });

  it("gives the signal back when training fails", async () => {
    const failing: Callback = {
      name: "failing",
      onTrainBatchEnd() {
        throw new Error("on purpose");
      },
    };
    const before = process.listenerCount("SIGHUP");
    const callbacks = [checkpointOnSignal({ signal: "SIGHUP" }), failing];
    expect(await resumableFit(folder.path(), { callbacks }).catch(String)).to.include("on purpose");
    expect(process.listenerCount("SIGHUP")).to.equal(before);
  });
});
