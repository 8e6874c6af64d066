import { readDecoderConfig } from "../../../framework/models/decoderConfig.ts";
import { parsePythonJson, pythonJson } from "../../../framework/weights/jsonFile.ts";
import { inputText, type FuzzTarget } from "../fuzzTarget.ts";
import { fixture } from "../scratch.ts";

const models = ["smollm2-tiny", "llama3-tiny", "mistral-swa-tiny", "qwen2-tiny"];

/** `config.json` of language models, as Python writes it. */
export const target: FuzzTarget = {
  name: "modelConfig",
  covers: ["framework/models/", "framework/weights/jsonFile"],
  seeds: models.map((name) => fixture(`test/fixtures/nano/${name}/config.json`)),
  words: ["Infinity", "NaN", "-Infinity", '"rope_scaling": {', '"model_type": "', "null", "true"],
  expects: (error) => error instanceof SyntaxError && /JSON|nested too deeply/.test(error.message),
  run(input) {
    const value = parsePythonJson(inputText(input));
    if (typeof value === "object" && value !== null) parsePythonJson(pythonJson(value));
    return readDecoderConfig(value);
  },
};
