import type { Experiment } from "../experiment/experiment.ts";
import { isSchema } from "../spec/jsonSchema.ts";
import type { SpecName } from "../spec/loadSpec.ts";
import { experimentPlace, importNamed } from "./places.ts";

function isExperiment(value: unknown): value is Experiment {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "sections" in value &&
    isSchema(value.sections) &&
    "run" in value &&
    typeof value.run === "function"
  );
}

/**
 * The default export of `experiments/<name>/experiment.ts`, looked for below the directory the
 * user works in and then in the package.
 */
export async function loadExperiment(name: SpecName): Promise<Experiment> {
  const { file, module } = await importNamed(experimentPlace, name);
  if (isExperiment(module["default"])) return module["default"];
  throw new TypeError(
    `Cannot use ${file}: its default export must have "name", "sections" and "run"`,
  );
}
