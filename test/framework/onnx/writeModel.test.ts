import { readdirSync, statSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { runOnnx } from "../../../framework/cli/exporting/checkOnnx.ts";
import { Graph, programFor } from "../../../framework/graph/graph.ts";
import { writeModel } from "../../../framework/onnx/writeModel.ts";
import { floatsToHalves } from "../../../framework/weights/half.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("writeModel()", () => {
  const folder = temporaryFolder();

  /** `y = x * scale + offset` */
  function write(dtype: "float32" | "float16", largest?: number): void {
    const graph = new Graph();
    const [x, scale, offset] = [3, 1, 3].map((length) => graph.input("float32", [length]));
    const [product] = graph.node("Mul", [x, scale], {}, [x!]);
    const [y] = graph.node("Add", [product, offset], {}, [x!]);
    const data = (...values: number[]): Uint8Array => {
      const floats = Float32Array.from(values);
      return new Uint8Array((dtype === "float16" ? floatsToHalves(floats) : floats).buffer);
    };
    writeModel(folder.path("model.onnx"), programFor([y!]), {
      inputNames: ["x"],
      outputNames: ["y"],
      weights: new Map([
        [scale!, { name: "scale", dtype, data: data(2) }],
        [offset!, { name: "offset", dtype, data: data(0.1, 0, -1) }],
      ]),
      ...(largest !== undefined && { largest }),
    });
  }

  async function run(): Promise<number[]> {
    const x = hostTensor(Float32Array.of(1, 2, 3), [3]);
    const outputs = await runOnnx(folder.path("model.onnx"), new Map([["x", x]]));
    return [...outputs.get("y")!.values];
  }

  it("puts weights into the model", async () => {
    write("float32");
    expect(readdirSync(folder.path())).to.deep.equal(["model.onnx"]);
    expect(await run()).to.deep.equal([2.1, 4, 5].map(Math.fround));
  });

  it("puts weights that are too many beside it, each on a page of its own", async () => {
    write("float32", 15);
    expect(readdirSync(folder.path())).to.deep.equal(["model.onnx", "model.onnx_data"]);
    expect(statSync(folder.path("model.onnx_data")).size).to.equal(2 * 4096);
    expect(await run()).to.deep.equal([2.1, 4, 5].map(Math.fround));
  });

  it("widens weights that are stored in half precision", async () => {
    write("float16");
    const [first, ...others] = await run();
    expect(first).to.equal(Math.fround(2 + 0.0999755859375)); // 0.1 as binary16
    expect(others).to.deep.equal([4, 5]);
  });
});
