import * as tf from "@tensorflow/tfjs";

import { SpecError } from "../base/errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { createLrScheduleConfig, lrSchedules } from "../optim/lrSchedules/index.ts";
import { createOptimizer, optimizers } from "../optim/optimizers/index.ts";
import type { CheckedSpec } from "../spec/checkSpec.ts";
import type { ExperimentSpec, SchemaRegistry } from "../spec/experimentSpec.ts";
import { loadSpec, type SpecLookup } from "../spec/loadSpec.ts";
import type { SpecMapping } from "../spec/specNode.ts";
import { orderCallbacks, type Callback } from "../training/callback.ts";
import { loadCallback, type LoadedCallback } from "./loadCallback.ts";
import { loadExperiment } from "./loadExperiment.ts";

/** A checked spec together with the code it names. */
export interface LoadedSpec extends CheckedSpec<ExperimentSpec> {
  readonly experiment: Experiment;
  /** Fresh callbacks, in the spec's order. */
  createCallbacks(): Callback[];
}

export const schemasOf = (
  entries: Readonly<Record<string, { optionsSchema: object }>>,
): SchemaRegistry =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.optionsSchema]));

/**
 * Reads a spec, finds its experiment and callbacks, and checks everything that can be checked
 * without doing work.
 *
 * @param root a spec that was made of the file's, to be checked in its place
 */
export async function loadExperimentSpec(
  file: string,
  overrides: readonly string[] = [],
  root?: SpecMapping,
): Promise<LoadedSpec> {
  tf.env().set("PROD", true); // no banner, no checks of every value
  let experiment: Experiment | undefined;
  const callbacks = new Map<string, LoadedCallback>();
  const lookup: SpecLookup = {
    async sections(name) {
      experiment = await loadExperiment(name);
      return experiment.sections;
    },
    async callback(name) {
      const callback = await loadCallback(name);
      callbacks.set(name.name, callback);
      return callback.schema;
    },
    optimizers: schemasOf(optimizers),
    lrSchedules: schemasOf(lrSchedules),
  };
  const checked = await loadSpec(file, { overrides, ...(root && { root }), lookup });
  const { spec } = checked;
  const createCallbacks = (): Callback[] =>
    spec.callbacks.map((entry, i) => {
      const [[name, options] = ["", {}]] = Object.entries(entry);
      const { create } = required(callbacks.get(name), name);
      return buildPart(checked, `/callbacks/${i}/${name}`, () => create(options));
    });
  const { optimizer, lrSchedule, trainer } = spec;
  // Building a part finds options that do not go together.
  const built = createCallbacks();
  buildPart(checked, "/callbacks", () => orderCallbacks(built));
  if (optimizer) buildPart(checked, "/optimizer", () => createOptimizer(optimizer));
  if (lrSchedule) {
    buildPart(checked, "/lrSchedule", () => createLrScheduleConfig(lrSchedule, trainer));
  }
  return { ...checked, experiment: required(experiment, spec.experiment), createCallbacks };
}

/** Builds a part of the spec from the options at `pointer`; an error names their place. */
function buildPart<T>(checked: CheckedSpec<unknown>, pointer: string, build: () => T): T {
  try {
    return build();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new SpecError(checked.locate(pointer), pointer, problem, { cause });
  }
}

function required<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`Cannot find "${name}": it was not looked up`);
  return found;
}
