import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";

import { onOrt } from "../support/parity.ts";
import { checks } from "./checks/index.ts";
import { fixtureSets, type FixtureSet } from "./fixtureSet.ts";
import type { ParityCheck } from "./parityCheck.ts";

export interface ParityTestsOptions {
  /** Only what is fast enough for `npm test`. */
  fast: boolean;
}

/** Mocha's tests: each check on each pipeline folder under `root`, on the backend "ort". */
export function parityTests(root: string, options: ParityTestsOptions): void {
  for (const set of fixtureSets(root)) {
    describe(`parity of ${path.relative(root, set.folder) || path.basename(root)}`, () => {
      onOrt();
      const due = checks.filter(({ files }) => files.every((file) => file in set.manifest.files));
      it("has something to compare", () => expect(due).to.have.length.above(0));
      for (const check of due) describe(check.title, () => testsOf(check, set, options));
    });
  }
}

function testsOf(check: ParityCheck, set: FixtureSet, { fast }: ParityTestsOptions): void {
  for (const { title, slow = false, run } of check.tests(set)) {
    if (!fast || !slow) it(title, () => inScope(run));
  }
  if (fast) return;
  for (const file of check.files) {
    it(`leaves no array of ${file} unused`, () => {
      expect(set.golden(file).unused()).to.deep.equal([]);
      expect(set.golden(file).names).to.have.members(Object.keys(set.manifest.files[file]!));
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
