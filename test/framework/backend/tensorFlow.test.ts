import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { useTensorFlow } from "../../../framework/backend/tensorFlow.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** A package that registers a backend which is there, and that is all. */
const registers = `const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-core");
class Nothing extends tf.KernelBackend { dispose() {} }
tf.registerBackend("tensorflow", () => new Nothing());`;

describe("useTensorFlow()", () => {
  const folder = temporaryFolder();
  afterEach(async () => {
    await tf.setBackend("cpu");
    if (tf.findBackend("tensorflow")) tf.removeBackend("tensorflow");
  });

  function install(name: string, source: string, version: string = tf.version_core): void {
    folder.write({
      [`node_modules/@tensorflow/${name}/package.json`]: JSON.stringify({ version }),
      [`node_modules/@tensorflow/${name}/index.js`]: source,
    });
  }

  function installOtherTfjs(): void {
    for (const name of ["tfjs", "tfjs-core"]) install(name, `throw new Error("A second TF.js")`);
  }

  async function messageOf(): Promise<string> {
    try {
      await useTensorFlow([folder.path()]);
    } catch (error) {
      if (error instanceof Error) return error.message;
    }
    throw new Error("Expected a rejection");
  }

  it("says what to install when there is nothing", async () => {
    expect(await messageOf()).to.include("run npm install @tensorflow/tfjs-node (or");
  });

  it("finds the package above the directory, and gives it our TF.js", async () => {
    install("tfjs-node", registers);
    installOtherTfjs();
    expect(await useTensorFlow([folder.path("deep/er")])).to.equal("@tensorflow/tfjs-node");
    expect(tf.getBackend()).to.equal("tensorflow");
  });

  it("prefers the package for GPUs", async () => {
    install("tfjs-node", "");
    install("tfjs-node-gpu", registers);
    installOtherTfjs();
    expect(await useTensorFlow([folder.path()])).to.equal("@tensorflow/tfjs-node-gpu");
  });

  it("passes on why an installed package does not load", async () => {
    install("tfjs-node", `throw new Error("libtensorflow.so.2: cannot open shared object file")`);
    expect(await messageOf()).to.equal(
      "Cannot use backend tensorflow: @tensorflow/tfjs-node does not load: libtensorflow.so.2: cannot open shared object file",
    );
  });

  it("refuses a package of another version", async () => {
    install("tfjs-node", registers, "3.21.1");
    expect(await messageOf()).to.match(
      /@tensorflow\/tfjs-node in .* must have the version of our @tensorflow\/tfjs, (\S+), got 3\.21\.1; run npm install @tensorflow\/tfjs-node@\1$/,
    );
  });
});
