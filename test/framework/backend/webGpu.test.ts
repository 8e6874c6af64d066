import { expect } from "chai";
import { describe, it } from "mocha";

import { openDevice } from "../../../framework/backend/webGpu.ts";

describe("openDevice()", () => {
  it("says in ONNX Runtime's words why there is no device, and what to do", () => {
    const cause = new Error(
      "Cannot open a WebGPU device: somewhere/webgpu_context.cc:136 Initialize() status == Success was false. Failed to get a WebGPU adapter: No supported adapters.\n",
    );
    const open = (): unknown =>
      openDevice(() => {
        throw cause;
      });
    expect(open).to.throw(
      `Cannot use backend webgpu: ONNX Runtime opens no device on ${process.platform}-${process.arch}: Failed to get a WebGPU adapter: No supported adapters; install `,
    );
    expect(open).to.throw("or set trainer.backend to ort").with.property("cause", cause);
  });
});
