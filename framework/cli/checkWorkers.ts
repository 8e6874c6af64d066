import { InputError } from "../base/errors.ts";
import type { World } from "../distributed/world.ts";
import { resolveStrategy } from "../training/strategy.ts";
import type { LoadedSpec } from "./loadExperimentSpec.ts";
import { packageVersion } from "./packageVersion.ts";

/** What all workers must have alike, line by line. */
interface Likeness {
  readonly version: string;
  readonly spec: readonly string[];
}

/**
 * Looks whether the workers are those that the spec asks for, and are about to do the same.
 *
 * @throws {InputError} on all of them alike, naming the first that differs
 */
export async function checkWorkers({ spec, yaml }: LoadedSpec, world: World): Promise<void> {
  const own: Likeness = { version: packageVersion(), spec: yaml.split("\n") };
  const texts = await world.gather("the spec", JSON.stringify(own));
  const [first, ...others] = texts.map((text): Likeness => JSON.parse(text));
  for (const [i, other] of others.entries()) compare(first!, other, i + 1);
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

const startHint = (workers: number): string =>
  `start them with --workers ${workers}, or with mpirun -n ${workers} in front of the command`;

function compare(first: Likeness, other: Likeness, rank: number): void {
  if (other.version !== first.version) {
    throw new InputError(
      `Cannot train together: rank ${rank} runs version ${other.version}, rank 0 runs ${first.version}`,
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
