import path from "node:path";

import { loadSweepSpec } from "../../framework/spec/loadSweepSpec.ts";
import type { SweepSpec } from "../../framework/spec/sweepSpec.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** Loads sweeps that tests write down, each from `sweep.yaml` of a fresh folder. */
export function sweepSpecs(): (text: string, launcher?: string) => SweepSpec {
  const folder = temporaryFolder();
  return (text, launcher) => {
    folder.write({ "sweep.yaml": text });
    return loadSweepSpec(path.relative(process.cwd(), folder.path("sweep.yaml")), launcher);
  };
}
