import { stringify } from "yaml";

import { foreignFormats } from "../../store/foreign/foreignFormats.ts";
import type { ForeignFile } from "../../store/foreign/foreignRun.ts";
import { readQuietly } from "../../store/foreign/readQuietly.ts";
import type { RunPlace } from "../../store/media/openRecords.ts";
import type { RunAnswer } from "../api.ts";
import { readRunManifest, readRunText } from "./readRunFile.ts";

type RunDocuments = Pick<RunAnswer, "specYaml" | "manifest" | "gitPatch">;

/** A run's settings, surroundings and changes to its code; those of other programs' runs in our form. */
export function runDocuments({ folder, source }: RunPlace): RunDocuments {
  if (source === "seedbed") {
    return {
      specYaml: readRunText(folder, "spec.yaml"),
      manifest: readRunManifest(folder),
      gitPatch: readRunText(folder, "git.patch"),
    };
  }
  const run = readQuietly(foreignFormats[source], folder);
  const { config, surroundings, gitPatch } = run;
  const specYaml = Object.keys(config).length > 0 ? stringify(config) : "";
  return {
    specYaml,
    manifest: { ...surroundings, artifacts: run.files().map(toArtifact) },
    gitPatch,
  };
}

function toArtifact({ name }: ForeignFile): object {
  return { name, type: "file", path: `files/${name}`, direction: "output" };
}
