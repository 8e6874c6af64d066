import { mkdirSync, rmSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { sharedClassPictures } from "../../../experiments/dreambooth/sharedClassPictures.ts";
import { workerRun } from "../../../framework/tracking/workerRun.ts";
import { memoryWorlds } from "../../support/memoryWorlds.ts";
import { classPictureRun, plainSquares } from "./classPictureRun.ts";

describe("sharedClassPictures()", () => {
  const { run, settings, modelOf } = classPictureRun();

  /** The files that two workers are given, and who has drawn. */
  async function ofTwo(): Promise<{ files: string[][]; drew: number[] }> {
    const drew = new Set<number>();
    const { data, ...others } = settings();
    const wanted = { ...others, data: { ...data, class: { ...data.class, count: 2 } } };
    const files = await Promise.all(
      memoryWorlds(2).map(async (world) => {
        const model = modelOf(plainSquares(() => drew.add(world.rank)));
        const worker = world.rank === 0 ? { run: run(), remove() {} } : workerRun(run().manifest);
        const context = {
          ...{ world, run: worker.run, signal: new AbortController().signal },
          print() {},
        };
        const found = await sharedClassPictures(model, wanted, context);
        if (world.rank > 0) await worker.run.finish("finished");
        worker.remove();
        return found;
      }),
    );
    return { files, drew: [...drew] };
  }

  it("are drawn by rank 0 alone, and the same files for all", async () => {
    const { files, drew } = await ofTwo();
    expect(drew).to.deep.equal([0]);
    expect(files[0]).to.have.length(2);
    expect(files[1]).to.deep.equal(files[0]);
  });

  it("are the run's own for all workers when it goes on and the cache is lost", async () => {
    await ofTwo();
    mkdirSync(run().checkpointsFolder);
    rmSync(".cache", { recursive: true });
    const { files, drew } = await ofTwo();
    expect(drew).to.deep.equal([]);
    const copies = ["1000.png", "1001.png"].map((name) => run().path("class-images", name));
    expect(files).to.deep.equal([copies, copies]);
  });
});
