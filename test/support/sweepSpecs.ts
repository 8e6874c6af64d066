import path from "node:path";

import { expect } from "chai";
import { it } from "mocha";

import { SpecError } from "../../framework/base/errors.ts";
import { loadSweepSpec } from "../../framework/spec/loadSweepSpec.ts";
import type { SweepSpec } from "../../framework/spec/sweepSpec.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

type LoadSweep = (text: string, launcher?: string) => SweepSpec;

/** Loads sweeps that tests write down, each from `sweep.yaml` of a fresh folder. */
export function sweepSpecs(): LoadSweep {
  const folder = temporaryFolder();
  return (text, launcher) => {
    folder.write({ "sweep.yaml": text });
    return loadSweepSpec(path.relative(process.cwd(), folder.path("sweep.yaml")), launcher);
  };
}

/** A sweep with a mistake, where `sweep.yaml` has it, and what is said of it. */
export type WrongSweep = [about: string, text: string, where: string, problem: string];

/** Has a test for each sweep that cannot be loaded. */
export function refuses(load: LoadSweep, wrong: readonly WrongSweep[]): void {
  for (const [about, text, where, problem] of wrong) {
    it(`refuses ${about}`, () => {
      expect(() => load(text))
        .to.throw(SpecError)
        .with.property("message")
        .that.contains(`sweep.yaml${where}`)
        .and.contains(problem);
    });
  }
}
