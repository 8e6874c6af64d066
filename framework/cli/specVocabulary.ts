import { lrSchedules } from "../optim/lrSchedules/index.ts";
import { optimizers } from "../optim/optimizers/index.ts";
import { earlyTerminateSchemas } from "../spec/earlyTermination.ts";
import { commonSchemas, type SchemaRegistry } from "../spec/experimentSpec.ts";
import { launcherSchemas } from "../spec/launchers/index.ts";
import { parameterForms } from "../spec/sweepParameterSchema.ts";
import { sweepSchemas } from "../spec/sweepSpec.ts";
import { loadCallback } from "./loadCallback.ts";
import { loadExperiment } from "./loadExperiment.ts";
import { schemasOf } from "./loadExperimentSpec.ts";
import { callbackPlace, experimentPlace, listNames, packageFolder } from "./places.ts";
import type { SpecVocabulary } from "./specReference.ts";

/** Looks through the package's own experiments and callbacks. */
export async function specVocabulary(): Promise<SpecVocabulary> {
  return {
    common: commonSchemas,
    optimizers: schemasOf(optimizers),
    lrSchedules: schemasOf(lrSchedules),
    callbacks: await callbackSchemas(),
    experiments: await collect(listNames(experimentPlace, [packageFolder]), async (name) => {
      return (await loadExperiment(name)).sections;
    }),
    sweep: sweepSchemas,
    pruners: Object.fromEntries(
      Object.entries(earlyTerminateSchemas).map(([name, properties]) => [name, { properties }]),
    ),
    launchers: launcherSchemas,
    parameters: parameterForms,
  };
}

/** Callbacks without a schema are for use from code. */
async function callbackSchemas(): Promise<SchemaRegistry> {
  const names = listNames(callbackPlace, [packageFolder]);
  const schemas = await collect(names, async (name) => (await loadCallback(name)).schema);
  return Object.fromEntries(Object.entries(schemas).filter(([, { properties }]) => properties));
}

async function collect<T>(
  names: readonly string[],
  load: (name: { name: string; pointer: string; where: string }) => Promise<T>,
): Promise<Record<string, T>> {
  const found: Record<string, T> = {};
  for (const name of names) found[name] = await load({ name, pointer: "", where: packageFolder });
  return found;
}
