import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { useTensorFlow } from "../../../framework/backend/tensorFlow.ts";

async function messageOf(load: (name: string) => Promise<unknown>): Promise<string> {
  try {
    await useTensorFlow(load);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("Expected a rejection");
}

/** As Node rejects the import of a package that is not there. */
async function missing(name: string): Promise<never> {
  throw Object.assign(new Error(`Cannot find package '${name}' imported from elsewhere`), {
    code: "ERR_MODULE_NOT_FOUND",
  });
}

/** A backend that is there, and that is all. */
class Nothing extends tf.KernelBackend {
  override dispose(): void {}
}

describe("useTensorFlow()", () => {
  afterEach(async () => {
    await tf.setBackend("cpu");
    if (tf.findBackend("tensorflow")) tf.removeBackend("tensorflow");
  });

  it("says what to install when there is nothing", async () => {
    expect(await messageOf(missing)).to.include("run npm install @tensorflow/tfjs-node (or");
  });

  it("takes the package for GPUs first, then the other", async () => {
    const asked: string[] = [];
    const load = async (name: string): Promise<void> => {
      asked.push(name);
      if (name.endsWith("gpu")) return missing(name);
      tf.registerBackend("tensorflow", () => new Nothing());
    };
    expect(await useTensorFlow(load)).to.equal("@tensorflow/tfjs-node");
    expect(asked).to.deep.equal(["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]);
    expect(tf.getBackend()).to.equal("tensorflow");
  });

  it("passes on why an installed package does not load", async () => {
    const broken = async (): Promise<void> => {
      throw new Error("libtensorflow.so.2: cannot open shared object file");
    };
    expect(await messageOf(broken)).to.equal(
      "Cannot use backend tensorflow: @tensorflow/tfjs-node-gpu does not load: libtensorflow.so.2: cannot open shared object file",
    );
  });

  it("refuses a package with a TF.js of its own", async () => {
    expect(await messageOf(async () => undefined)).to.include("has a TF.js of its own");
  });
});
