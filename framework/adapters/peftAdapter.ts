import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import { readJsonObject, writeJsonObject, type JsonObject } from "../weights/jsonFile.ts";
import { writeSafetensors, type WriteSafetensorsOptions } from "../weights/safetensors.ts";
import type { LoraLayers } from "./lora.ts";
import { namedFactors, readFactors } from "./loraFile.ts";
import type { LoraFactors } from "./loraLayer.ts";
import { alphaOf, peftSettings } from "./peftSettings.ts";

/**
 * Begins the names of layers in a peft adapter: the key of the model in `AdaptedModels`, so that
 * `addLora({ [peftPrefix]: model }, ...)` has layers which `writePeftAdapter` takes.
 */
export const peftPrefix = "base_model.model";

const configFile = "adapter_config.json";
const weightsFile = "adapter_model.safetensors";

export interface WritePeftAdapterOptions extends Pick<WriteSafetensorsOptions, "dtype"> {
  /** Where the model is that the adapter belongs to: a folder or a name. */
  baseModel?: string | null;
  /** For whom peft wraps the model, such as `CAUSAL_LM`. Default: for nobody in particular. */
  taskType?: string | null;
}

/**
 * Writes low-rank changes of a model as peft's `save_pretrained` does: `adapter_config.json` and
 * `adapter_model.safetensors`.
 *
 * @param layers with names that begin with {@link peftPrefix}
 * @throws {RangeError} when a layer's name begins otherwise
 */
export function writePeftAdapter(
  folder: string,
  layers: LoraLayers<HostTensor>,
  { baseModel = null, taskType = null, dtype = "F32" }: WritePeftAdapterOptions = {},
): void {
  const strange = [...layers.keys()].find((name) => !name.startsWith(`${peftPrefix}.`));
  if (strange !== undefined) {
    throw new RangeError(
      `Cannot write a peft adapter: expected layers of ${peftPrefix}, got ${strange}`,
    );
  }
  const config = {
    peft_type: "LORA",
    task_type: taskType,
    base_model_name_or_path: baseModel,
    inference_mode: true,
    ...peftSettings(layers, peftPrefix),
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
    use_dora: false,
    use_rslora: false,
  };
  const metadata = { format: "pt" };
  writeSafetensors(path.join(folder, weightsFile), namedFactors(layers), { dtype, metadata });
  writeJsonObject(path.join(folder, configFile), config);
}

/** A model's low-rank changes as peft keeps them. */
export interface PeftAdapter {
  /** For `addLoraLayers` and `mergeLora` with `{ [peftPrefix]: model }`. */
  readonly layers: Map<string, LoraFactors<HostTensor>>;
  /** The model that it was trained for, where it says so. */
  readonly baseModel: string | null;
}

/**
 * Reads a folder of peft's with LoRA.
 *
 * @throws {InputError} naming what is missing, corrupt or not supported
 */
export function readPeftAdapter(folder: string): PeftAdapter {
  const config = readJsonObject(path.join(folder, configFile));
  checkConfig(path.join(folder, configFile), config);
  const stabilised = config["use_rslora"] === true;
  const layers = readFactors(path.join(folder, weightsFile), (layer, rank) => {
    const alpha = alphaOf(config, layer);
    // Kalajdzievski 2023, arXiv:2312.03732: by alpha / sqrt(rank), in place of alpha / rank.
    return alpha !== undefined && stabilised ? alpha * Math.sqrt(rank) : alpha;
  });
  const baseModel = config["base_model_name_or_path"];
  return { layers, baseModel: typeof baseModel === "string" ? baseModel : null };
}

/** What each key must be where it is there; absent or null is the same. */
const supported: Readonly<Record<string, unknown>> = {
  peft_type: "LORA",
  bias: "none",
  fan_in_fan_out: false,
  modules_to_save: null,
  use_dora: false,
  lora_bias: false,
  layer_replication: null,
};

function checkConfig(file: string, config: JsonObject): void {
  for (const [key, expected] of Object.entries(supported)) {
    const value = config[key] ?? (key === "peft_type" ? null : expected);
    if (value === expected) continue;
    throw new InputError(
      `Cannot read ${file}: key "${key}": expected ${JSON.stringify(expected)}, got ${JSON.stringify(value)}`,
    );
  }
}
