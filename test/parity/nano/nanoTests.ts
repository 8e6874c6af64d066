import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { onOrt } from "../../support/parity.ts";
import { checks } from "./checks/index.ts";
import { nanoFolders } from "./nanoFolder.ts";

/** Mocha's tests: each check on each folder under `root`, on the backend "ort". */
export function nanoTests(root: string, { fast }: { fast: boolean }): void {
  for (const folder of nanoFolders(root).filter(({ isParent }) => !isParent)) {
    const name = path.relative(root, folder.folder) || path.basename(root);
    const due = checks
      .map((check) => ({ check, tests: check.tests(folder) }))
      .filter(({ tests }) => tests.length > 0);
    describe(`parity of nano ${name}`, () => {
      onOrt();
      before(() => folder.beginTests());
      it("has something to compare", () => {
        expect(due, `checks that know what ${name} holds`).to.have.length.above(0);
      });
      for (const { check, tests } of due) {
        describe(check.title, () => {
          after(() => check.close?.(folder));
          for (const { title: sentence, slow = false, run } of tests) {
            if (!fast || !slow) it(sentence, () => inScope(run));
          }
        });
      }
      // A suite of its own, for mocha runs a suite's tests before those of the suites inside it.
      if (fast) return;
      describe("in the end", () =>
        it("leaves nothing unread", () => {
          expect(folder.unread(), `what no test has read of ${name}`).to.deep.equal([]);
        }));
    });
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
