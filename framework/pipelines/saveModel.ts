import type { Parameters } from "../nn/parameterScope.ts";
import { readParameters } from "../nn/readParameters.ts";
import { writeModelFolder } from "../weights/modelFolder.ts";
import type { WriteShardedOptions } from "../weights/shardedSafetensors.ts";

/**
 * Writes a model in the folder layout of transformers, as `loadDecoder` and `loadIdefics3` read it.
 *
 * @param config its `config.json`
 * @param options of the weights: their type, and how large a file becomes
 */
export async function saveModel(
  folder: string,
  { parameters }: { readonly parameters: Parameters },
  config: object,
  options: WriteShardedOptions = {},
): Promise<void> {
  writeModelFolder(folder, { config, tensors: await readParameters(parameters) }, options);
}
