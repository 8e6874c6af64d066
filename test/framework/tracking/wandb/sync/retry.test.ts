import { expect } from "chai";
import { describe, it } from "mocha";

import { TransientError, withRetries } from "../../../../../framework/tracking/wandb/sync/retry.ts";

describe("withRetries()", () => {
  const delaysSeconds = [0.001, 0.002];

  /** Fails so many times. */
  function failing(
    times: number,
    error: () => Error,
  ): { action: () => Promise<string>; calls: () => number } {
    let calls = 0;
    const action = async (): Promise<string> => {
      if (++calls <= times) throw error();
      return "done";
    };
    return { action, calls: () => calls };
  }

  it("repeats what may go well the next time, with longer pauses", async () => {
    const told: unknown[] = [];
    const { action } = failing(2, () => new TransientError("busy"));
    const onRetry = (...what: unknown[]) => told.push(what);
    expect(await withRetries(action, { delaysSeconds, onRetry })).to.equal("done");
    expect(told).to.deep.equal([
      ["busy", 0.001],
      ["busy", 0.002],
    ]);
  });

  it("waits as long as the server asks", async () => {
    const told: number[] = [];
    const { action } = failing(1, () => new TransientError("busy", 0));
    await withRetries(action, {
      delaysSeconds: [100],
      onRetry: (_, seconds) => told.push(seconds),
    });
    expect(told).to.deep.equal([0]);
  });

  it("gives up after the last pause", async () => {
    const { action, calls } = failing(9, () => new TransientError("busy"));
    const error = await withRetries(action, { delaysSeconds }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TransientError);
    expect(calls()).to.equal(3);
  });

  it("does not repeat other failures", async () => {
    const { action, calls } = failing(9, () => new TypeError("wrong"));
    await withRetries(action, { delaysSeconds }).catch(() => {});
    expect(calls()).to.equal(1);
  });
});
