import path from "node:path";

import { parseInterval } from "../base/interval.ts";
import { checkSpec, type CheckedSpec } from "./checkSpec.ts";
import type { Domain } from "./distributions.ts";
import type { EarlyTerminateSpec } from "./earlyTermination.ts";
import type { Expression } from "./expression.ts";
import type { LauncherSpec } from "./launchers/index.ts";
import type { PopulationSpec } from "./populationSpec.ts";
import { readSpec } from "./readSpec.ts";
import {
  child,
  mapping,
  nodeAt,
  scalar,
  toPlain,
  toPointer,
  type SpecMapping,
} from "./specNode.ts";
import { failAt, type PlaceOf } from "./specPlace.ts";
import { isSpecFile, readCommand } from "./sweepCommand.ts";
import { checkConditions, checkNames, readExpression } from "./sweepConditions.ts";
import { checkObjectives, learns, objectivesOf } from "./sweepObjectives.ts";
import { readParameters, type SweepParameter } from "./sweepParameters.ts";
import { parametersSchema, refuseDeprecated } from "./sweepParameterSchema.ts";
import {
  searchMethods,
  sweepSpecSchema,
  type SweepMetric,
  type SweepSpec,
  type TrialLimits,
  type WarmSource,
} from "./sweepSpec.ts";
import { checkStages } from "./sweepStages.ts";

/** The file's own keys, as the schema lets them through. */
interface SweepFile {
  readonly name?: string;
  readonly description?: string;
  readonly method: string;
  readonly program?: string;
  readonly command?: readonly string[];
  readonly limits?: { readonly threads?: number; readonly memory?: string };
  readonly metric?: SweepMetric;
  readonly metrics?: readonly SweepMetric[];
  readonly seed: number;
  readonly seeds?: number;
  readonly run_cap?: number;
  readonly population?: number;
  readonly warm_start: readonly string[];
  readonly max_time?: string;
  readonly retries: number;
  readonly early_terminate?: EarlyTerminateSpec;
  readonly launcher: LauncherSpec;
  readonly pbt?: PopulationSpec;
  readonly project?: string;
  readonly entity?: string;
}

/**
 * Reads a sweep's file with what it `extends`, and checks all that can be without its program.
 *
 * @param launcher in the place of the file's; the file's keys for it hold when it is the same
 * @throws {SpecError}
 */
export function loadSweepSpec(file: string, launcher?: string): SweepSpec {
  const tree = readSpec(file);
  const { root } = tree;
  if (launcher !== undefined) chooseLauncher(root, launcher);
  refuseDeprecated(root.entries.get("parameters"));
  const schema = sweepSpecSchema(
    parametersSchema(root.entries.get("parameters")),
    choiceOf(root, "early_terminate", "type"),
    choiceOf(root, "launcher", "name") ?? "local",
  );
  const checked = checkSpec<SweepFile>(tree, schema);
  const node = root.entries.get("parameters");
  const parameters = node?.kind === "mapping" ? readParameters(node) : [];
  const place: PlaceOf = (...keys) => ({
    origin: nodeAt(root, keys).origin,
    pointer: toPointer(keys),
  });
  if (parameters.length === 0) failAt(place("parameters"), "expected at least one parameter");
  checkConditions(parameters);
  checkMethod(checked, parameters, place);
  checkSeeds(checked, parameters, place);
  checkObjectives(checked.spec, place);
  checkBands(checked.spec, place);
  checkStages(checked.spec, place);
  return {
    ...toSweepSpec(checked.spec, file),
    warmStart: readWarmStart(checked.spec, file, place),
    parameters,
    constraints: readConstraints(root, parameters),
    ...(!isSpecFile(checked.spec.program) && { command: readCommand(root, file) }),
    root,
  };
}

function toSweepSpec(
  spec: SweepFile,
  file: string,
): Omit<SweepSpec, "parameters" | "constraints" | "root" | "warmStart"> {
  const { project, entity, description, metric, seeds } = spec;
  const runCap = spec.run_cap ?? spec.pbt?.size;
  return {
    name: folderName(spec.name ?? path.basename(file).replace(/\.ya?ml$/, "")),
    ...(description !== undefined && { description }),
    method: searchMethods.find((each) => each === spec.method) ?? "grid",
    program: path.resolve(path.dirname(file), spec.program ?? ""),
    ...(metric && { metric }),
    objectives: objectivesOf(spec),
    seed: spec.seed,
    ...(seeds !== undefined && { seeds }),
    ...(runCap !== undefined && { runCap }),
    ...(spec.population !== undefined && { population: spec.population }),
    ...(spec.max_time !== undefined && { maxSeconds: parseInterval(spec.max_time).count }),
    retries: spec.retries,
    limits: toLimits(spec.limits),
    ...(spec.early_terminate && { earlyTerminate: spec.early_terminate }),
    launcher: spec.launcher,
    ...(spec.pbt && { pbt: spec.pbt }),
    wandb: { ...(project !== undefined && { project }), ...(entity !== undefined && { entity }) },
  };
}

function toLimits({ threads, memory }: NonNullable<SweepFile["limits"]> = {}): TrialLimits {
  const [amount = "", unit] = memory?.split(/ ?(?=[MG]B$)/) ?? [];
  return {
    ...(threads !== undefined && { threads }),
    ...(memory !== undefined && { memoryMb: Number(amount) * (unit === "GB" ? 1024 : 1) }),
  };
}

/** W&B lets a sweep have any name; ours is that of a folder and of runs. */
const folderName = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "sweep";

function checkMethod(
  { spec }: CheckedSpec<SweepFile>,
  parameters: readonly SweepParameter[],
  place: PlaceOf,
): void {
  const { method } = spec;
  if (!searchMethods.some((each) => each === method)) {
    const known = searchMethods.map((each) => `"${each}"`).join(", ");
    failAt(
      place("method"),
      `expected one of ${known}, got "${method}", which has no searcher here`,
    );
  }
  if (spec.population !== undefined && method !== "nsga2") {
    failAt(place("population"), `expected a population beside "nsga2" alone, got "${method}"`);
  }
  const endless = method === "grid" && parameters.find(({ domain }) => !isCountable(domain));
  if (!endless) return;
  failAt(
    endless,
    `expected values, int_uniform or q_uniform in a grid, got ${endless.domain.kind}; set method: random`,
  );
}

const isCountable = ({ kind }: Domain): boolean =>
  kind === "categorical" || kind === "int_uniform" || kind === "q_uniform";

function checkSeeds(
  { spec: { seeds, seed } }: CheckedSpec<SweepFile>,
  parameters: readonly SweepParameter[],
  place: PlaceOf,
): void {
  if (seeds === undefined) return;
  const varied = parameters.find(({ name }) => name === "seed");
  if (varied) failAt(varied, 'expected either "seeds" or a parameter "seed", got both');
  const last = seed + seeds - 1;
  if (last >= 2 ** 32) failAt(place("seeds"), `expected seeds below 2^32, got up to ${last}`);
}

/** What the mapping `key` chooses, by its own key `by`. */
function choiceOf(root: SpecMapping, key: string, by: string): unknown {
  const node = root.entries.get(key);
  const choice = node && child(node, by);
  return choice && toPlain(choice);
}

function chooseLauncher(root: SpecMapping, name: string): void {
  if (choiceOf(root, "launcher", "name") === name) return;
  const origin = { file: "command line" };
  root.entries.set("launcher", mapping(origin, [["name", scalar(name, origin)]]));
}

function readWarmStart(
  { warm_start: sources, method }: SweepFile,
  file: string,
  place: PlaceOf,
): WarmSource[] {
  if (sources.length > 0 && !learns(method)) {
    failAt(
      place("warm_start"),
      `expected a method that learns, such as "tpe" or "nsga2", beside it, got "${method}"`,
    );
  }
  return sources.map((source, i) => ({
    path: path.resolve(path.dirname(file), source),
    ...place("warm_start", String(i)),
  }));
}

function checkBands({ early_terminate: bands }: SweepFile, place: PlaceOf): void {
  if (!bands) return;
  if (bands.type !== "hyperband" || bands.min_iter !== undefined) return;
  if (bands.max_iter !== undefined && bands.s !== undefined) return;
  failAt(place("early_terminate"), "expected min_iter, or max_iter with s");
}

function readConstraints(root: SpecMapping, parameters: readonly SweepParameter[]): Expression[] {
  const node = child(root, "constraints");
  if (node?.kind !== "list") return [];
  return node.items.map((item, i) => {
    const pointer = `/constraints/${i}`;
    const expression = readExpression(item, pointer);
    const names = parameters.map(({ name }) => name);
    checkNames(expression, names, { origin: item.origin, pointer });
    return expression;
  });
}
