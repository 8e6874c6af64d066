import { hasDeepStack } from "../base/nativeStack.ts";
import { Graph, programFor } from "../graph/graph.ts";
import { GraphBuilder } from "../onnx/lowering.ts";
import { encodeModel } from "../onnx/modelProto.ts";
import { Device } from "../runtime/device.ts";
import { loadRuntime } from "../runtime/ortLibrary.ts";
import { allocate, RuntimeValue, Session } from "../runtime/session.ts";

/** What each system's driver is, for the cure. */
const drivers: Partial<Record<NodeJS.Platform, string>> = {
  linux: "a Vulkan driver and its loader (libvulkan1, mesa-vulkan-drivers or the vendor's)",
  darwin: "a system with Metal",
  win32: "a driver with Direct3D 12",
};

let device: Device | undefined;

/**
 * The device of ONNX Runtime's WebGPU provider: there is one for the process.
 *
 * @throws {Error} with the cure when there is none
 */
export function openWebGpu(): Device {
  device ??= openDevice(deviceSession);
  return device;
}

/** Some session on the device, which ONNX Runtime opens for it. */
function deviceSession(): Session {
  const graph = new Graph();
  const output = new GraphBuilder(graph).unary("Neg", graph.input("float32", [1]));
  const { bytes, inputNames, outputNames } = encodeModel(programFor([output]));
  return new Session(bytes, inputNames, outputNames, "all", "webgpu");
}

let float16: boolean | undefined;

/** Whether the device computes in float16: ONNX Runtime says so only when it is to. */
export function hasFloat16(): boolean {
  openWebGpu();
  float16 ??= runsFloat16();
  return float16;
}

function runsFloat16(): boolean {
  const graph = new Graph();
  const builder = new GraphBuilder(graph);
  const half = builder.cast(graph.input("float32", [1]), "float16");
  const program = programFor([builder.cast(builder.unary("Neg", half), "float32")]);
  const { bytes, inputNames, outputNames } = encodeModel(program);
  const session = new Session(bytes, inputNames, outputNames, "all", "webgpu");
  const value = (): RuntimeValue => new RuntimeValue(allocate("float32", 1), "float32", [1]);
  try {
    session.bind([value()], [value()]).run();
    return true;
  } catch {
    return false; // "Program Cast requires f16 but the device does not support it"
  } finally {
    session.dispose();
  }
}

/** @param makeSession makes a session on the device */
export function openDevice(makeSession: () => Session): Device {
  loadRuntime();
  if (!hasDeepStack()) {
    throw new Error(
      "Cannot use backend webgpu: calls through koffi have too small a stack for shader compilers, since another library was loaded through koffi before; use the backend first",
    );
  }
  try {
    return new Device(makeSession());
  } catch (cause) {
    const driver = drivers[process.platform] ?? "a driver for WebGPU";
    throw new Error(
      `Cannot use backend webgpu: ONNX Runtime opens no device on ${process.platform}-${process.arch}: ${reasonOf(cause)}; install ${driver}, or set trainer.backend to ort`,
      { cause },
    );
  }
}

/** ONNX Runtime's words without the place in its source and the condition that did not hold. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(" was false. ").at(-1)!.trim().replace(/\.$/, "");
}
