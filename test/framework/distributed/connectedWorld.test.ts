import { expect } from "chai";
import { describe, it } from "mocha";

import { WorkerError } from "../../../framework/distributed/workerError.ts";
import { broadcastText, gatherNumbers } from "../../../framework/distributed/world.ts";
import { memoryWorlds, together } from "../../support/memoryWorlds.ts";

const problem = { message: "no disk", exitCode: 2, isInterrupted: false };

describe("ConnectedWorld", () => {
  it("sums arrays in place, large and small", async () => {
    const sums = await together(3, async (world) => {
      const small = Float32Array.of(world.rank, 1);
      const large = new Float32Array(1_500_000).fill(2);
      await world.sum("gradients", [small, large]);
      return [...small, large[0], large.at(-1)];
    });
    expect(sums).to.deep.equal([
      [3, 3, 6, 6],
      [3, 3, 6, 6],
      [3, 3, 6, 6],
    ]);
  });

  it("gathers texts of any length by rank", async () => {
    const gathered = await together(3, (world) => world.gather("texts", "é".repeat(world.rank)));
    for (const texts of gathered) expect(texts).to.deep.equal(["", "é", "éé"]);
  });

  it("gathers numbers, also those that are none", async () => {
    const tables = await together(2, async (world) =>
      (await gatherNumbers(world, "losses", [world.rank === 0 ? 1.5 : Number.NaN, Infinity])).map(
        (row) => [...row],
      ),
    );
    const table = [
      [1.5, Infinity],
      [Number.NaN, Infinity],
    ];
    expect(tables).to.deep.equal([table, table]);
  });

  it("broadcasts the bits of rank 0", async () => {
    const got = await together(2, async (world) => {
      const values = world.rank === 0 ? Float32Array.of(-0, 0.1) : Float32Array.of(7, 7);
      await world.broadcast("parameters", [new Uint8Array(values.buffer)]);
      return [...values, await broadcastText(world, "name", `rank ${world.rank}`)];
    });
    const expected = [-0, Math.fround(0.1), "rank 0"];
    expect(got).to.deep.equal([expected, expected]);
  });

  it("spreads what each worker knows to all others", async () => {
    const got = await together(3, async (world) => {
      const parts = [2, 0, 1].map((rank) => {
        return { rank, bytes: Uint8Array.of(rank === world.rank ? 10 + rank : 99, 7) };
      });
      await world.spread("shares", parts);
      return parts.map(({ bytes }) => [...bytes]);
    });
    const expected = [
      [12, 7],
      [10, 7],
      [11, 7],
    ];
    expect(got).to.deep.equal([expected, expected, expected]);
  });

  it("tells all when they come for different things", async () => {
    const errors = await together(2, async (world) => {
      if (world.rank === 0) await world.sum("step 3", [Float32Array.of(1)]);
      else await world.gather("validation", "");
    });
    for (const error of errors) {
      expect(error)
        .to.be.instanceOf(Error)
        .with.property("message")
        .that.equals(
          'Cannot go on together: rank 0 is at "step 3, 1 numbers", rank 1 at "validation"; all workers must do the same in the same order',
        );
    }
  });

  it("tells all when one has more numbers than another", async () => {
    const [error] = await together(2, (world) =>
      world.sum("step 3", [new Float32Array(world.rank + 1)]),
    );
    expect(String(error)).to.include('rank 0 is at "step 3, 1 numbers", rank 1 at "step 3, 2 ');
  });

  it("lets all hear of a worker that ends with a problem, and part in order", async () => {
    const ends = await together(3, async (world) => {
      if (world.rank === 1) return String(await world.end(problem));
      const heard = await world.gather("step", "").catch((error: unknown) => error);
      expect(heard).to.be.instanceOf(WorkerError);
      return [String(heard), await world.end()];
    });
    const heard = "WorkerError: Cannot go on without rank 1: no disk";
    expect(ends).to.deep.equal([[heard, undefined], heard, [heard, undefined]]);
  });

  it("lets the last one to come speak before any has left", async () => {
    const events: string[] = [];
    const leave = (rank: number): number => events.push(`rank ${rank} leaves`);
    const [first, second] = memoryWorlds(2, leave);
    const ended = second!.end(problem);
    await new Promise(setImmediate);
    await first!.end(undefined, undefined, (reason) => events.push(String(reason?.message)));
    await ended;
    const said = "Cannot go on without rank 1: no disk";
    expect(events).to.deep.equal([said, "rank 1 leaves", "rank 0 leaves"]);
  });

  it("tells all when one ends before the others", async () => {
    const ends = await together(2, async (world) => {
      if (world.rank === 0) return String(await world.end());
      const error = await world.gather("step", "").catch(String);
      await world.end();
      return error;
    });
    const expected = /rank 0 is at "the end", rank 1 at "step"/;
    for (const end of ends) expect(end).to.match(expected);
  });

  it("does nothing more once the workers part", async () => {
    const errors = await together(2, async (world) => {
      await world.gather(`${world.rank}`, "").catch(() => {});
      await world.gather("after", "");
    });
    for (const error of errors) {
      expect(String(error)).to.equal("Error: Cannot go on to after: the workers are parting");
    }
  });
});
