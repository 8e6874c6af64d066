import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { onOrt } from "../../support/parity.ts";
import { checks } from "./checks/index.ts";
import { nanoFolders, type NanoFolder } from "./nanoFolder.ts";

/** Mocha's tests: each check on each folder under `root`, on the backend "ort". */
export function nanoTests(root: string, { fast }: { fast: boolean }): void {
  for (const folder of nanoFolders(root)) {
    const due = checks
      .map((check) => ({ title: check.title, tests: check.tests(folder) }))
      .filter(({ tests }) => tests.length > 0);
    if (due.length === 0 && !folder.has("golden.json")) continue;
    describe(`parity of nano ${path.relative(root, folder.folder) || path.basename(root)}`, () => {
      onOrt();
      it("has something to compare", () => expect(due).to.not.equal([]));
      for (const { title, tests } of due) {
        describe(title, () => {
          for (const { title: sentence, slow = false, run } of tests) {
            if (!fast || !slow) it(sentence, () => inScope(run));
          }
        });
      }
      // A suite of its own, for mocha runs a suite's tests before those of the suites inside it.
      if (fast) return;
      describe("in the end", () => it("leaves no array unused", () => expectAllUsed(folder)));
    });
  }
}

function expectAllUsed(folder: NanoFolder): void {
  for (const name of folder.opened) {
    expect(folder.golden(name).unused(), `arrays of ${name}.safetensors`).to.deep.equal([]);
  }
}

/** Frees a test's tensors, also of one that fails: the next would be blamed for them. */
async function inScope(run: () => Promise<void> | void): Promise<void> {
  tf.engine().startScope();
  try {
    await run();
  } finally {
    tf.engine().endScope();
  }
}
