import type { AshaSpec, EarlyTerminateSpec, HalvingSpec } from "./earlyTermination.ts";
import type { PopulationSpec } from "./populationSpec.ts";
import { failAt, type PlaceOf } from "./specPlace.ts";
import { isSpecFile } from "./sweepCommand.ts";

/** What a file says of trials that pause. */
interface StageKeys {
  readonly method: string;
  readonly program?: string;
  readonly seeds?: number;
  readonly run_cap?: number;
  readonly early_terminate?: EarlyTerminateSpec;
  readonly pbt?: PopulationSpec;
}

/** Whether trials pause to be compared, so that none has to be stopped. */
export const pausesAtRungs = (spec: EarlyTerminateSpec): spec is HalvingSpec | AshaSpec =>
  spec.type === "successive_halving" || (spec.type === "asha" && spec.promotion === "pause");

/** @throws {SpecError} when trials cannot pause as the file asks for */
export function checkStages(keys: StageKeys, place: PlaceOf): void {
  const { early_terminate: pruning, method, program } = keys;
  checkHalving(keys, place);
  checkPopulation(keys, place);
  const pauses = method === "pbt" || (pruning && pausesAtRungs(pruning));
  if (!pauses || isSpecFile(program)) return;
  failAt(
    place("program"),
    `expected an experiment's spec, as trials have to pause, got ${program ?? "none"}`,
  );
}

/** Which trials there are must be known before the first is compared. */
function checkHalving(
  { early_terminate: halving, method, run_cap: runCap }: StageKeys,
  place: PlaceOf,
): void {
  if (halving?.type !== "successive_halving" || method === "grid") return;
  const drawn = ["random", "sobol", "latin_hypercube"];
  if (drawn.includes(method) && runCap !== undefined) return;
  const cure = drawn.includes(method) ? "set run_cap" : "set type: asha";
  failAt(
    place("early_terminate"),
    `expected a grid, or one of ${drawn.join(", ")} with run_cap, beside successive_halving, got ${method}; ${cure}`,
  );
}

function checkPopulation(keys: StageKeys, place: PlaceOf): void {
  const { method, pbt } = keys;
  if (method !== "pbt") {
    if (pbt) failAt(place("pbt"), `expected method: pbt beside it, got "${method}"`);
    return;
  }
  if (!pbt) failAt(place("method"), 'expected a key "pbt" beside it, got none');
  for (const key of ["early_terminate", "seeds", "run_cap"] as const) {
    if (keys[key] === undefined) continue;
    failAt(place(key), `expected none beside "pbt", whose trials are the members of a population`);
  }
}
