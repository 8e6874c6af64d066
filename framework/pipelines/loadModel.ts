import path from "node:path";

import { InputError } from "../base/errors.ts";
import { describeReport, loadParameters } from "../nn/loadParameters.ts";
import type { Parameters } from "../nn/parameterScope.ts";
import { readModelFolder } from "../weights/modelFolder.ts";
import type { LoadModelOptions } from "./loadPipeline.ts";

interface LoadableModel {
  readonly parameters: Parameters;
  dispose(): void;
}

/**
 * A model in the folder layout of transformers.
 *
 * @param build makes it from its `config.json`, without weights
 * @param rename the model's name for a file's name; `undefined` leaves the tensor out
 * @throws {InputError} naming what is missing, corrupt, not supported, or does not fit
 */
export function loadModel<Model extends LoadableModel>(
  folder: string,
  build: (config: unknown) => Model,
  rename: (name: string, model: Model) => string | undefined,
  { variant, strict = true, report = (line) => console.error(line) }: LoadModelOptions = {},
): Model {
  const { config, weightsFile, tensors } = readModelFolder(folder, { variant });
  const model = wrapped(path.join(folder, "config.json"), () => build(config));
  try {
    return wrapped(weightsFile, () => {
      const options = { rename: (name: string) => rename(name, model), strict };
      const problems = describeReport(loadParameters(model.parameters, tensors, options));
      if (problems !== "") report(`Loaded ${weightsFile} but for ${problems}`);
      return model;
    });
  } catch (cause) {
    model.dispose();
    throw cause;
  }
}

function wrapped<Result>(file: string, make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot load ${file}: ${reason}`, { cause });
  }
}
