import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { readModelFolder, writeModelFolder } from "../../../framework/weights/modelFolder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const tensors = new Map([
  ["a", hostTensor(Float32Array.of(1, 2), [2])],
  ["b", hostTensor(Float32Array.of(3, 4, 5), [3])],
  ["c", hostTensor(Float32Array.of(6), [1])],
]);
const content = { config: { model_type: "llama" }, tensors };

describe("writeModelFolder()", () => {
  const folder = temporaryFolder();

  it("begins another file for a tensor that does not fit", () => {
    writeModelFolder(folder.path(), content, { maxShardBytes: 12 });
    expect(readdirSync(folder.path())).to.have.members([
      "config.json",
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
      "model.safetensors.index.json",
    ]);
    const { config, tensors: read } = readModelFolder(folder.path());
    expect(config).to.deep.equal(content.config);
    expect([...read.get("b")!.values]).to.deep.equal([3, 4, 5]);
  });

  it("leaves no weights of before, and other files alone", () => {
    folder.write({ "tokenizer.json": "{}" });
    for (const [maxShardBytes, weights] of [
      [12, "model.safetensors.index.json"],
      [100, "model.safetensors"],
      [12, "model.safetensors.index.json"],
    ] as const) {
      writeModelFolder(folder.path(), content, { maxShardBytes });
      const { weightsFile, tensors: read } = readModelFolder(folder.path());
      expect(weightsFile).to.equal(folder.path(weights));
      expect(read.size).to.equal(3);
    }
    expect(readdirSync(folder.path())).to.include("tokenizer.json");
  });

  it("rounds to bfloat16 when asked", () => {
    const third = hostTensor(Float32Array.of(1 / 3, 1.001953125, -2), [3]);
    const rounded = new Map([["a", third]]);
    writeModelFolder(folder.path(), { config: {}, tensors: rounded }, { dtype: "BF16" });
    const stored = readModelFolder(folder.path()).tensors.get("a")!;
    expect(stored.dtype).to.equal("BF16");
    expect([...stored.values]).to.deep.equal([0.333984375, 1, -2]);
  });
});
