import { Decoder, decoderParameterName } from "../models/decoder.ts";
import { loadModel } from "./loadModel.ts";
import type { LoadModelOptions } from "./loadPipeline.ts";

/**
 * Loads a language model in the folder layout of transformers: Llama, SmolLM2, Mistral, Qwen2.
 *
 * @param folder `fetchModel(source, { kind: "languageModel" })` gives one for `hf:owner/name`
 * @throws {InputError} naming what is missing, corrupt, not supported, or does not fit
 */
export function loadDecoder(folder: string, options: LoadModelOptions = {}): Decoder {
  return loadModel(
    folder,
    (config) => new Decoder(config, { seed: null }),
    (name, { config }) => decoderParameterName(name, config),
    options,
  );
}
