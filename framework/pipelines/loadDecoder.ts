import { InputError } from "../base/errors.ts";
import { Decoder, decoderParameterName } from "../models/decoder.ts";
import { describeReport, loadParameters } from "../nn/loadParameters.ts";
import { readModelFolder } from "../weights/modelFolder.ts";
import type { LoadModelOptions } from "./loadPipeline.ts";

/**
 * Loads a language model in the folder layout of transformers: Llama, SmolLM2, Mistral, Qwen2.
 *
 * @param folder `fetchModel(source, { kind: "languageModel" })` gives one for `hf:owner/name`
 * @throws {InputError} naming what is missing, corrupt, not supported, or does not fit
 */
export function loadDecoder(
  folder: string,
  { variant, strict = true, report = (line) => console.error(line) }: LoadModelOptions = {},
): Decoder {
  const { config, weightsFile, tensors } = readModelFolder(folder, { variant });
  const decoder = built(folder, () => new Decoder(config, { seed: null }));
  try {
    const rename = (name: string): string | undefined => decoderParameterName(name, decoder.config);
    const loaded = loadParameters(decoder.parameters, tensors, { rename, strict });
    const problems = describeReport(loaded);
    if (problems !== "") report(`Loaded ${weightsFile} but for ${problems}`);
    return decoder;
  } catch (cause) {
    decoder.dispose();
    throw asInputError(weightsFile, cause);
  }
}

function built<Model>(folder: string, make: () => Model): Model {
  try {
    return make();
  } catch (cause) {
    throw asInputError(`${folder}/config.json`, cause);
  }
}

function asInputError(file: string, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(`Cannot load ${file}: ${reason}`, { cause });
}
