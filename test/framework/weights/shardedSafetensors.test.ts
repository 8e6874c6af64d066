import { rmSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { openShardedSafetensors } from "../../../framework/weights/shardedSafetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const one = (value: number): ReturnType<typeof hostTensor> =>
  hostTensor(Float32Array.of(value), [1]);

describe("openShardedSafetensors()", () => {
  const folder = temporaryFolder();
  const index = (): string => folder.path("m.safetensors.index.json");

  function writeIndex(map: unknown): void {
    folder.write({ "m.safetensors.index.json": JSON.stringify({ weight_map: map }) });
  }

  beforeEach(() => {
    writeSafetensors(folder.path("1.safetensors"), [["a", one(1)]]);
    writeSafetensors(folder.path("2.safetensors"), [
      ["b", one(2)],
      ["c", one(3)],
    ]);
  });

  const whole = { a: "1.safetensors", b: "2.safetensors", c: "2.safetensors" };

  it("reads every tensor from its file", () => {
    writeIndex(whole);
    const tensors = openShardedSafetensors(index());
    expect([...tensors].map(([name, { values }]) => [name, values[0]])).to.deep.equal([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  it("lists the files that are missing", () => {
    writeIndex({ ...whole, d: "3.safetensors" });
    rmSync(folder.path("1.safetensors"));
    expect(() => openShardedSafetensors(index())).to.throw(
      InputError,
      "missing 1.safetensors, 3.safetensors beside it",
    );
  });

  it("refuses files that do not agree with the index", () => {
    writeIndex({ a: "1.safetensors", b: "2.safetensors", d: "1.safetensors" });
    expect(() => openShardedSafetensors(index())).to.throw(
      InputError,
      "it does not agree with its files: c in 2.safetensors; no d in 1.safetensors",
    );
  });

  for (const map of [undefined, ["1.safetensors"], { a: "../1.safetensors" }, { a: 1 }]) {
    it(`refuses the map ${JSON.stringify(map)}`, () => {
      writeIndex(map);
      expect(() => openShardedSafetensors(index())).to.throw(InputError, `Cannot read ${index()}`);
    });
  }
});
