import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { addArtifact, describeArtifact, type ArtifactOptions } from "./artifacts.ts";
import { hashParameters, type Parameters } from "./parameters.ts";
import { redactSecrets } from "./redactSecrets.ts";
import { lockRun } from "./runLock.ts";
import { manifestPath, readManifest, writeManifest, type RunSweep } from "./runManifest.ts";

export interface RunChange {
  /** Resolved settings with which the run goes on. */
  readonly spec: Parameters;
  /** The same as YAML text, kept as `spec.yaml`. */
  readonly specYaml: string;
  readonly sweep: RunSweep;
  /** What it goes on from. */
  readonly input: ArtifactOptions;
}

/**
 * Lets a run go on with other settings from something that another one has made. The manifest is
 * written last, and has the input then.
 *
 * @throws {InputError} when the folder is no run's, or is in use
 */
export function changeRun(folder: string, { spec, specYaml, sweep, input }: RunChange): void {
  const unlock = lockRun(folder, manifestPath(folder));
  try {
    writeFileAtomic(path.join(folder, "spec.yaml"), redactSecrets(specYaml));
    const manifest = readManifest(folder);
    const artifact = describeArtifact(folder, { ...input, direction: "input" });
    writeManifest(folder, {
      ...manifest,
      specSha256: hashParameters(spec),
      sweep,
      artifacts: addArtifact(manifest.artifacts, artifact),
    });
  } finally {
    unlock();
  }
}
