import { InputError } from "../base/errors.ts";
import type { World } from "../distributed/world.ts";
import { packageVersions } from "../tracking/packageVersions.ts";
import { resolveStrategy } from "../training/strategy.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";
import { sourcesHash } from "./sourcesHash.ts";

/** What all workers must have alike. */
interface Likeness {
  /** Of what computes numbers. */
  readonly versions: Readonly<Record<string, string>>;
  /** Hash of the framework's files, which may differ in one version. */
  readonly code: string;
  /** Line by line. */
  readonly spec: readonly string[];
}

/** Reads all files of the framework. */
export function ownLikeness({ yaml }: Pick<LoadedSpec, "yaml">): Likeness {
  return { versions: packageVersions(), code: sourcesHash(), spec: yaml.split("\n") };
}

/**
 * Looks whether the workers are those that the spec asks for, and are about to do the same.
 *
 * @throws {InputError} on all of them alike, naming the first that differs
 */
export async function checkWorkers(
  loaded: Pick<LoadedSpec, "spec" | "yaml">,
  world: World,
  own?: Likeness,
): Promise<void> {
  const { spec } = loaded;
  if (world.size > 1) await checkAlike(world, own ?? ownLikeness(loaded));
  const { devices } = spec.trainer;
  const { strategy } = resolveStrategy(spec.trainer.strategy);
  if (devices !== "auto" && devices !== world.size) {
    throw new InputError(
      `Cannot train on ${devices} workers, as trainer.devices asks: got ${world.size}; ${startHint(devices)}`,
    );
  }
  if (strategy === "mpi" && world.size === 1 && devices !== 1) {
    throw new InputError(
      `Cannot train with strategy mpi: expected several workers, got one process; ${startHint(2)}`,
    );
  }
}

async function checkAlike(world: World, own: Likeness): Promise<void> {
  const texts = await world.gather("the spec", JSON.stringify(own));
  const [first, ...others] = texts.map((text): Likeness => JSON.parse(text));
  for (const [i, other] of others.entries()) compare(first!, other, i + 1);
}

const startHint = (workers: number): string =>
  `start them with --workers ${workers}, or with mpirun -n ${workers} in front of the command`;

function compare(first: Likeness, other: Likeness, rank: number): void {
  for (const [name, version] of Object.entries(first.versions)) {
    if (other.versions[name] === version) continue;
    throw new InputError(
      `Cannot train together: rank ${rank} runs ${name} ${other.versions[name]}, rank 0 runs ${version}`,
    );
  }
  if (other.code !== first.code) {
    throw new InputError(
      `Cannot train together: the files of Seedbed that rank ${rank} runs (${other.code}) are not those of rank 0 (${first.code}); install the same on all hosts`,
    );
  }
  const length = Math.max(first.spec.length, other.spec.length);
  for (let line = 0; line < length; line++) {
    const [expected, got] = [first.spec[line]?.trim() ?? "", other.spec[line]?.trim() ?? ""];
    if (expected === got) continue;
    throw new InputError(
      `Cannot train together: the spec of rank ${rank} has "${got}" where rank 0's has "${expected}"`,
    );
  }
}
