import { expect } from "chai";
import { before, describe, it } from "mocha";

import { openWebGpu } from "../../framework/backend/webGpu.ts";
import { memoryOf, type Device } from "../../framework/runtime/device.ts";
import { loadRuntime } from "../../framework/runtime/ortLibrary.ts";
import { allocate, RuntimeValue } from "../../framework/runtime/session.ts";

const megabyte = 1 << 20;

describe("Device", () => {
  let device: Device;
  before(() => {
    loadRuntime(2);
    device = openWebGpu();
  });

  it("copies to its memory and back, and counts", () => {
    const start = device.report();
    const array = allocate("int32", 3);
    array.set([1, -2, 3]);
    const host = new RuntimeValue(array, "int32", [3]);
    const value = device.allocate("int32", [3]);
    device.upload(host, value);
    array.fill(0);
    device.download(value, host);
    expect([...array]).to.deep.equal([1, -2, 3]);
    expect([memoryOf(host), memoryOf(value)]).to.deep.equal(["Cpu", "WebGPU_Buf"]);
    const { tensors, bytes, uploads, downloads } = device.report();
    const counts = [tensors - start.tensors, bytes - start.bytes, uploads - start.uploads];
    expect([...counts, downloads - start.downloads]).to.deep.equal([1, 12, 1, 1]);
    device.release(value);
    expect(device.report()).to.include({ tensors: start.tensors, bytes: start.bytes });
  });

  it("holds tensors of no elements and of no axes", () => {
    for (const shape of [[0, 3], []]) {
      const host = new RuntimeValue(
        allocate("float32", shape.length > 0 ? 0 : 1),
        "float32",
        shape,
      );
      const value = device.allocate("float32", shape);
      device.upload(host, value);
      device.release(value);
    }
  });

  it("copies nothing while a session runs, and releases afterwards", async () => {
    const { tensors } = device.report();
    const value = device.allocate("float32", [2]);
    const host = new RuntimeValue(allocate("float32", 2), "float32", [2]);
    await device.whileRunning(async () => {
      expect(() => device.download(value, host)).to.throw("while a compiled function runs");
      device.release(value);
      expect(device.report().tensors).to.equal(tensors + 1);
    });
    expect(device.report().tensors).to.equal(tensors);
  });

  it("gives released memory back", () => {
    const use = (): void => device.release(device.allocate("float32", [16 * megabyte]));
    use();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 40; i++) use(); // 2.5 GB in all
    expect(process.memoryUsage().rss - before).to.be.lessThan(256 * megabyte);
  });
});
