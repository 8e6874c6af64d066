import { expect } from "chai";
import { describe, it } from "mocha";

import { compare } from "./compare.ts";
import type { Peer, PeerName, PeerTurn } from "./peers/peer.ts";

interface StubPeer extends Peer {
  runs: number;
  stopped: boolean;
}

/** A peer that answers by the number of its turn. */
function stubPeer(name: PeerName, turn: (index: number) => PeerTurn): StubPeer {
  return {
    name,
    runs: 0,
    stopped: false,
    async run() {
      return turn(this.runs++);
    },
    async peakMb() {
      return 7;
    },
    stop() {
      this.stopped = true;
    },
  };
}

/** A workload whose losses are 4, 3, 2, ... */
function work(): { run: () => Promise<number>; repeats: number } {
  let loss = 4;
  return { run: async () => loss--, repeats: 2 };
}

describe("compare()", () => {
  it("gives all sides the same turns, and a time for each repeat", async () => {
    const peer = stubPeer("pytorch", (i) => ({ ms: 10, loss: 4 - i }));
    const { losses, peers } = await compare(work(), [peer], { pairs: 2 });
    expect(losses).to.deep.equal([4, 3, 2]);
    expect(peer.runs).to.equal(5);
    expect(peers.pytorch).to.include({ ms: 5, peakMb: 7 });
  });

  it("gives a slow backend one step before two measured ones, PyTorch all", async () => {
    const turn = (i: number): PeerTurn => ({ ms: 6000, loss: 4 - i });
    const peers = [stubPeer("pytorch", turn), stubPeer("wasm", turn)];
    await compare(work(), peers, { pairs: 4 });
    expect(peers.map(({ runs }) => runs)).to.deep.equal([7, 3]);
  });

  it("leaves out who computes other losses", async () => {
    const peer = stubPeer("wasm", (i) => ({ ms: 1, loss: i === 0 ? 4 : 3.1 }));
    const { peers } = await compare(work(), [peer], { pairs: 2 });
    expect(peers.wasm).to.deep.equal({
      reason: "Cannot compare: the losses of step 1 must agree within 0.001, got 3 and wasm's 3.1",
    });
    expect(peer).to.include({ runs: 2, stopped: true });
  });

  it("names the kernel that a backend lacks", async () => {
    const peer = stubPeer("wasm", () => {
      throw new Error("Cannot compare with wasm: Kernel 'Erf' not registered for backend 'wasm'");
    });
    const { peers } = await compare(work(), [peer], { pairs: 2 });
    expect(peers.wasm).to.deep.include({ lacks: "kernel Erf" });
  });
});
