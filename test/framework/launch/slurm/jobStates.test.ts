import { expect } from "chai";
import { describe, it } from "mocha";

import { isLost, phaseOf, toLaunchEnd } from "../../../../framework/launch/slurm/jobStates.ts";

describe("phaseOf()", () => {
  const phases: [phase: string, states: string[]][] = [
    ["waiting", ["PENDING", "CONFIGURING", "REQUEUED"]],
    ["held", ["REQUEUE_HOLD"]],
    ["running", ["RUNNING", "COMPLETING", "SUSPENDED"]],
    ["ended", ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"]],
    ["ended", ["PREEMPTED", "CANCELLED by 1000", "CANCELLED+"]],
  ];
  for (const [phase, states] of phases) {
    for (const state of states) {
      it(`calls ${state} ${phase}`, () => expect(phaseOf(state)).to.equal(phase));
    }
  }

  it("calls a waiting job held when that is why it waits", () => {
    expect(phaseOf("PENDING", "JobHeldUser")).to.equal("held");
    expect(phaseOf("PENDING", "Resources")).to.equal("waiting");
  });

  it("lets a state that it does not know go on", () => {
    expect(phaseOf("TELEPORTING")).to.equal("running");
  });
});

describe("toLaunchEnd()", () => {
  const end = (state: string, exitCode = "0:0"): unknown =>
    toLaunchEnd("12", { state, exitCode, restarts: 0 });

  it("tells the exit code, and the signal as the shell or Slurm says it", () => {
    expect(end("COMPLETED")).to.deep.equal({ exitCode: 0, signal: null });
    expect(end("FAILED", "7:0")).to.deep.equal({ exitCode: 7, signal: null });
    expect(end("FAILED", "75:0")).to.deep.equal({ exitCode: 75, signal: null });
    expect(end("FAILED", "137:0")).to.deep.equal({ exitCode: null, signal: "SIGKILL" });
    expect(end("FAILED", "0:9")).to.deep.equal({ exitCode: null, signal: "SIGKILL" });
  });

  const reasons: [state: string, reason: RegExp, isFinal: boolean][] = [
    ["CANCELLED by 1000", /^Slurm job 12: cancelled in Slurm$/, true],
    ["OUT_OF_MEMORY", /out of memory; raise launcher\.mem/, true],
    ["DEADLINE", /deadline/, true],
    ["TIMEOUT", /time limit/, false],
    ["NODE_FAIL", /node failed/, false],
    ["PREEMPTED", /preempted/, false],
  ];
  for (const [state, reason, isFinal] of reasons) {
    it(`says why a job is ${state}, and whether it is worth another try`, () => {
      const told = toLaunchEnd("12", { state, exitCode: "0:15", restarts: 0 });
      expect(told.reason).to.match(reason);
      expect(told.isFinal ?? false).to.equal(isFinal);
    });
  }
});

describe("isLost()", () => {
  it("tells jobs that ended through no fault of their own", () => {
    const states = ["PREEMPTED", "NODE_FAIL", "BOOT_FAIL", "FAILED", "TIMEOUT", "CANCELLED"];
    expect(states.filter((state) => isLost({ state }))).to.deep.equal([
      "PREEMPTED",
      "NODE_FAIL",
      "BOOT_FAIL",
    ]);
  });
});
