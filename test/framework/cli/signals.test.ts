import { expect } from "chai";
import { describe, it } from "mocha";

import {
  watchSignals,
  type SignalSender,
  type SignalWatch,
} from "../../../framework/cli/signals.ts";

describe("watchSignals()", () => {
  function receive(sender: SignalSender, signals: readonly NodeJS.Signals[]) {
    const warned: string[] = [];
    const watch = watchSignals({ print: () => {}, warn: (line) => warned.push(line) }, sender);
    for (const signal of signals) process.emit(signal, signal);
    watch.release();
    return { watch, warned };
  }
  const ended = (watch: SignalWatch): unknown => [watch.signal.aborted, watch.exitCode()];

  it("turns a user's signal into an abort, and says its number", () => {
    const { watch, warned } = receive("user", ["SIGTERM"]);
    expect(ended(watch)).to.deep.equal([true, 143]);
    expect(warned).to.deep.equal([
      "\nSIGTERM: stopping after the running step; send it again to stop at once",
    ]);
  });

  it("takes a signal that comes twice at once for one, and exits after another one later", () => {
    let now = 5000;
    const exits: number[] = [];
    const options = { clock: () => now, exit: (code: number) => void exits.push(code) };
    const watch = watchSignals({ print: () => {}, warn: () => {} }, "user", options);
    for (now of [5000, 5030, 5900, 6000]) process.emit("SIGTERM", "SIGTERM");
    watch.release();
    expect(exits).to.deep.equal([143]);
    expect(watch.signal.aborted).to.equal(true);
  });

  it("ends with 75 after a launcher's SIGUSR2, whatever other signals follow", () => {
    const { watch, warned } = receive("launcher", ["SIGUSR2", "SIGTERM", "SIGTERM"]);
    expect(ended(watch)).to.deep.equal([true, 75]);
    expect(warned).to.deep.equal(["\nSIGUSR2: stopping after the running step"]);
  });

  const codes: [SignalSender, NodeJS.Signals, number][] = [
    ["user", "SIGINT", 130],
    ["user", "SIGUSR2", 75],
    ["launcher", "SIGTERM", 143],
    ["queue", "SIGTERM", 75],
    ["queue", "SIGUSR2", 75],
    ["queue", "SIGINT", 130],
  ];
  for (const [sender, signal, code] of codes) {
    it(`ends with ${code} after ${signal} of a ${sender}`, () => {
      expect(ended(receive(sender, [signal]).watch)).to.deep.equal([true, code]);
    });
  }

  it("ends with 1 when none has come, whoever else was told", () => {
    expect(ended(receive("user", []).watch)).to.deep.equal([false, 1]);
  });
});
