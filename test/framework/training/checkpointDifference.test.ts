import { readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { writeCheckpoint } from "../../../framework/training/checkpoint.ts";
import { compareLastCheckpoints } from "../../../framework/training/checkpointDifference.ts";
import { checkpointName } from "../../../framework/training/checkpointFolder.ts";
import { checkpointContent } from "../../support/checkpointContent.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("compareLastCheckpoints()", () => {
  const folder = temporaryFolder();

  /** Checkpoints at the steps, each with one parameter. @returns their folder */
  function save(
    name: string,
    steps: readonly number[],
    weight: HostTensor,
    maxShardBytes = Infinity,
  ): string {
    for (const step of steps) {
      const content = checkpointContent({ step });
      const tensors = {
        parameters: new Map([["weight", weight]]),
        optimizer: new Map([
          ["mean", hostTensor(Float32Array.of(step), [1])],
          ["variance", hostTensor(Float32Array.of(step), [1])],
        ]),
      };
      const checkpoint = path.join(folder.path(name), checkpointName(step));
      writeCheckpoint(checkpoint, content, tensors, maxShardBytes);
    }
    return folder.path(name);
  }

  it("says that tensors of the newest common step are the same to the last bit", () => {
    const weight = hostTensor(Float32Array.of(1, NaN, -0), [3]);
    const [first, second] = [save("a", [2, 4, 6], weight), save("b", [2, 4], weight)];
    expect(compareLastCheckpoints(first, second)).to.deep.equal({
      step: 4,
      differences: [],
      equal: 3,
    });
  });

  it("does not mind that one is divided among several files", () => {
    const weight = hostTensor(Float32Array.of(1, 2, 3), [3]);
    const [whole, divided] = [save("a", [4], weight), save("b", [4], weight, 4)];
    const files = readdirSync(path.join(divided, checkpointName(4)));
    expect(files).to.include("optimizer-00001-of-00002.safetensors");
    expect(compareLastCheckpoints(whole, divided)).to.deep.equal({
      step: 4,
      differences: [],
      equal: 3,
    });
  });

  it("counts values that differ, and says by how much", () => {
    const first = save("a", [4], hostTensor(Float32Array.of(1, 2, 0), [3]));
    const second = save("b", [4], hostTensor(Float32Array.of(1, 2.5, -0), [3]));
    expect(compareLastCheckpoints(first, second)?.differences).to.deep.equal([
      { name: "parameters/weight", differing: 2, size: 3, largest: 0.5 },
    ]);
  });

  it("says that a shape is another", () => {
    const first = save("a", [4], hostTensor(Float32Array.of(1, 2), [2]));
    const second = save("b", [4], hostTensor(Float32Array.of(1, 2), [1, 2]));
    const [difference] = compareLastCheckpoints(first, second)!.differences;
    expect(difference).to.include({ name: "parameters/weight", differing: "all", size: 2 });
  });

  it("has nothing to compare where no step is common", () => {
    const weight = hostTensor(Float32Array.of(1), [1]);
    const first = save("a", [4], weight);
    expect(compareLastCheckpoints(first, save("b", [6], weight))).to.equal(undefined);
    expect(compareLastCheckpoints(first, folder.path("none"))).to.equal(undefined);
  });
});
