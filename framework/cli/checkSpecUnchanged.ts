import { InputError } from "../base/errors.ts";
import { hashParameters } from "../tracking/parameters.ts";
import { hasRedacted } from "../tracking/redactSecrets.ts";
import type { RunManifest } from "../tracking/runManifest.ts";
import { readRunSpec, readRunSpecText, runSpecPath } from "../tracking/runSpec.ts";

/**
 * Numbers belong to the spec that a run was started with.
 *
 * @param action what cannot be done with another spec: "resume"
 * @param otherwise what to do then
 * @throws {InputError} when the spec in the run's folder is another one; says which values were taken
 *   out of it as secrets, if any were
 */
export function checkSpecUnchanged(
  folder: string,
  { specSha256 }: Pick<RunManifest, "specSha256">,
  action: string,
  otherwise: string,
): void {
  const file = runSpecPath(folder);
  const lines = readRunSpecText(folder).split("\n");
  const redacted = lines.flatMap((line, i) =>
    hasRedacted(line) ? [`line ${i + 1}, ${JSON.stringify(line.trim())}`] : [],
  );
  if (isUnchanged(folder, specSha256, redacted.length > 0)) return;
  if (redacted.length === 0) throw new InputError(`Cannot ${action} run ${folder}: ${otherwise}`);
  throw new InputError(
    `Cannot ${action} run ${folder}: secrets were taken out of its spec.yaml: ${redacted.join("; ")}; put back into ${file} what the run was started with, then ${action} it again`,
  );
}

/** A spec with values taken out may be no YAML any more. */
function isUnchanged(folder: string, specSha256: string, isRedacted: boolean): boolean {
  try {
    return hashParameters(readRunSpec(folder).spec) === specSha256;
  } catch (error) {
    if (isRedacted && error instanceof InputError) return false;
    throw error;
  }
}
