import { decoderParameterName } from "../models/decoder.ts";
import { Idefics3 } from "../models/idefics3.ts";
import { loadModel } from "./loadModel.ts";
import type { LoadModelOptions } from "./loadPipeline.ts";

/**
 * Loads a language model that sees pictures in the folder layout of transformers: Idefics3, SmolVLM.
 *
 * @param folder `fetchModel(source, { kind: "languageModel" })` gives one for `hf:owner/name`
 * @throws {InputError} naming what is missing, corrupt, not supported, or does not fit
 */
export function loadIdefics3(folder: string, options: LoadModelOptions = {}): Idefics3 {
  return loadModel(
    folder,
    (config) => new Idefics3(config, { seed: null }),
    (name, { config }) => decoderParameterName(name, config),
    options,
  );
}
