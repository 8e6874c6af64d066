import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { InterruptedRun } from "../../../framework/cli/interruptedRun.ts";
import { mpirunCommand } from "../../../framework/cli/startWorkers.ts";
import { endTogether, withWorkers } from "../../../framework/cli/withWorkers.ts";
import { ConnectedWorld } from "../../../framework/distributed/connectedWorld.ts";
import type { World } from "../../../framework/distributed/world.ts";
import { together } from "../../support/memoryWorlds.ts";

const silent = (): void => {};

/** What two workers end with, and what they say. */
async function endBoth(
  work: (world: World) => Promise<void>,
): Promise<{ ends: (string | undefined)[]; said: string[][] }> {
  const said: string[][] = [[], []];
  const ends = await together(2, (world) => {
    const terminal = { print: silent, warn: (line: string) => void said[world.rank]!.push(line) };
    return endTogether(world, terminal, () => work(world));
  });
  return { ends: ends.map((end) => (end instanceof Error ? end.message : undefined)), said };
}

async function fail(error: Error): Promise<never> {
  throw error;
}

describe("endTogether()", () => {
  it("says nothing when all is well", async () => {
    const { ends, said } = await endBoth(async () => {});
    expect(ends).to.deep.equal([undefined, undefined]);
    expect(said).to.deep.equal([[], []]);
  });

  it("ends all with the exit code of the one that failed; rank 0 says why", async () => {
    const { ends, said } = await endBoth(async (world) => {
      if (world.rank === 1) throw new InputError("no disk");
      await world.gather("step", "");
    });
    expect(ends).to.deep.equal(["exit code 2", "exit code 2"]);
    expect(said).to.deep.equal([["Cannot go on without rank 1: no disk"], []]);
  });

  it("says once what all have to say, and whose it is where it differs", async () => {
    const same = await endBoth(() => fail(new InputError("no disk")));
    expect(same.said).to.deep.equal([["no disk"], []]);
    const different = await endBoth(({ rank }) => fail(new InputError(`no disk ${rank}`)));
    expect(different.said).to.deep.equal([["rank 0: no disk 0", "rank 1: no disk 1"], []]);
  });

  it("ends with the code of the signal, whoever got it", async () => {
    const { ends, said } = await endBoth(({ rank }) =>
      fail(new InterruptedRun(`Interrupted: ${rank}`, 130 + 13 * rank)),
    );
    expect(ends).to.deep.equal(["exit code 143", "exit code 143"]);
    expect(said).to.deep.equal([["Interrupted: 0"], []]);
  });

  it("ends all at once when the others cannot be reached", async () => {
    const aborted: number[] = [];
    const world = new ConnectedWorld({
      rank: 1,
      size: 2,
      meet: () => fail(new InputError("rank 0 is gone")),
      sum: async () => {},
      or: async () => {},
      broadcast: async () => {},
      finalize: silent,
      abort: (code) => void aborted.push(code),
    });
    const said: string[] = [];
    const terminal = { print: silent, warn: (line: string) => void said.push(line) };
    const end = endTogether(world, terminal, () => fail(new InputError("no disk")));
    expect(await end.catch(String)).to.equal("QuietExit: exit code 2");
    expect(said).to.deep.equal(["rank 1: no disk", "rank 1: rank 0 is gone"]);
    expect(aborted).to.deep.equal([2]);
  });
});

describe("withWorkers()", () => {
  it("is alone where no launcher started it", async () => {
    const context = {
      args: [],
      terminal: { print: silent, warn: silent },
      watchSignals: () => ({
        signal: new AbortController().signal,
        exitCode: () => 0,
        release: silent,
      }),
    };
    const sizes: number[] = [];
    for (const environment of [{}, { PMI_RANK: "0", PMI_SIZE: "1" }]) {
      await withWorkers(context, async ({ world }) => void sizes.push(world.size), environment);
    }
    expect(sizes).to.deep.equal([1, 1]);
  });
});

describe("mpirunCommand()", () => {
  for (const option of [["--workers", "2"], ["--workers=2"]]) {
    it(`repeats what was typed, without ${option.join(" ")}`, () => {
      const [mpirun, flag, count, node, program, ...args] = mpirunCommand(2, [
        "run",
        ...option,
        "a.yaml",
        "seed=2",
      ]);
      expect([mpirun, flag, count, node]).to.deep.equal(["mpirun", "-n", "2", process.execPath]);
      expect(program).to.match(/framework\/cli\/seedbed.js$/);
      expect(args).to.deep.equal(["run", "a.yaml", "seed=2"]);
    });
  }
});
