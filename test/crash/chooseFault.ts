import type { RandomStream } from "../../framework/base/random.ts";
import { fileKinds, type Fault, type FileKind } from "./faults/fault.ts";
import type { Scenario } from "./scenario.ts";

/** How often each kind of file is changed by a process that is left alone, and how long it takes. */
export interface Census {
  readonly calls: ReadonlyMap<string, number>;
  readonly elapsedMs: number;
}

/** Where the next process dies. */
export type Death =
  | { readonly fault: Fault; readonly killAfterMs?: undefined }
  | { readonly killAfterMs: number; readonly fault?: undefined };

/**
 * Chooses among all calls that change files, weighted by their kind, and now and then a moment.
 *
 * @param left the part of them that the process will make: it has less to do when it goes on
 */
export function chooseDeath(
  { kinds, timers }: Scenario,
  { calls, elapsedMs }: Census,
  { random, left }: { random: RandomStream; left: number },
): Death {
  if (random.uniform() < timers) {
    return { killAfterMs: Math.round(left * elapsedMs * random.uniform()) };
  }
  const present = weightsOf(kinds).filter(([kind]) => calls.has(kind));
  const kind = weighted(present, random);
  const nth = 1 + random.integer(Math.ceil(left * calls.get(kind)!));
  const when = (["before", "middle", "after"] as const)[random.integer(3)]!;
  const action = random.uniform() < 0.3 ? "powerCut" : "kill";
  return { fault: { action, kind, nth, when } };
}

const weightsOf = (kinds: Scenario["kinds"]): [FileKind, number][] =>
  fileKinds.flatMap((kind): [FileKind, number][] => {
    const weight = kinds[kind];
    return weight === undefined ? [] : [[kind, weight]];
  });

function weighted(
  choices: readonly (readonly [FileKind, number])[],
  random: RandomStream,
): FileKind {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = total * random.uniform();
  for (const [kind, weight] of choices) {
    left -= weight;
    if (left < 0) return kind;
  }
  throw new Error("Cannot choose a fault: no file of any kind was changed");
}
