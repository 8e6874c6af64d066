import { expect } from "chai";
import { describe, it } from "mocha";

import { PeerProcess } from "./peerProcess.ts";
import { findTfjs } from "./tfjs.ts";

/** Starting a process takes long where the machine is busy. */
const timeoutMs = 60_000;

describe("findTfjs()", () => {
  it("finds a backend that does what it is told, or says why not", async () => {
    const found = await findTfjs("wasm", 1);
    if (typeof found === "string") throw new Error(found);
    expect(found.title).to.match(/^tfjs wasm 4\./);
    const { peer } = await PeerProcess.start(found, 1);
    try {
      const workload = "1000 dependent additions of 64 elements";
      await peer.prepare({ command: "prepare", workload });
      const { ms, loss } = await peer.run();
      expect(ms).to.be.greaterThan(0);
      expect(loss).to.equal(undefined);
      expect(await peer.peakMb()).to.be.greaterThan(10);
      const wrong = peer.prepare({ command: "prepare", workload: "nothing" });
      expect(await messageOf(wrong)).to.include(
        'Cannot compare with wasm: Cannot measure "nothing"',
      );
    } finally {
      peer.stop();
    }
  }).timeout(timeoutMs);
});

describe("PeerProcess.start()", () => {
  it("says when there is no such program", async () => {
    const launch = { name: "wasm", command: "/nowhere/node", args: [] } as const;
    expect(await messageOf(PeerProcess.start(launch, 1))).to.equal(
      "Cannot compare with wasm: its process ended",
    );
  });
});

/** What the error says that a promise is rejected with. */
async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("expected an error");
}
