import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { readJsonObject, type JsonObject } from "./jsonFile.ts";
import {
  fromCompVis,
  hasAverages,
  hasOpenClip,
  type FromCompVisOptions,
  type PerModel,
} from "./names/compVis.ts";
import { compVisConfigs } from "./names/compVisConfigs.ts";
import type { PipelineComponent, PipelineParts } from "./pipelineFolder.ts";
import { openTorchCheckpoint } from "./torchCheckpoint.ts";
import { openWeights } from "./weightFiles.ts";

export interface ReadSingleFileOptions extends FromCompVisOptions {
  /**
   * A pipeline folder in diffusers' layout, which need not hold weights: its settings and tokenizer
   * go with the file. Default: the folder that the file is in. Settings that it lacks are those of
   * Stable Diffusion 1 or 2, with the file's shapes.
   */
  settings?: string | undefined;
  /**
   * What the UNet predicts, where no settings say so. Default: `epsilon`; for Stable Diffusion 2
   * `v_prediction`, unless the file's count of updates is that of its base model.
   */
  predictionType?: "epsilon" | "v_prediction" | "sample" | undefined;
}

/** What both versions were trained with; samplers read it, too. */
const scheduler = {
  _class_name: "PNDMScheduler",
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
};

/** Updates of Stable Diffusion 2's base model; its successors predict velocities. */
const baseStepsOfVersion2 = 875_000;

/**
 * Opens a checkpoint that holds a whole pipeline under the names of the original code, `.ckpt` or
 * `.safetensors`. Such files hold no tokenizer. Weights are read when asked for.
 *
 * @throws {InputError} naming what is missing, corrupt or not Stable Diffusion 1 or 2
 */
export function readSingleFile(
  file: string,
  { settings = path.dirname(file), weights = "raw", predictionType }: ReadSingleFileOptions = {},
): PipelineParts {
  const { tensors, globalStep } = open(file);
  const configs = withSettings(compVisConfigs(tensors, file), settings);
  if (weights === "ema" && !hasAverages(tensors)) {
    throw new InputError(`Cannot read ${file}: expected averaged weights model_ema.*, got none`);
  }
  const models = fromCompVis(tensors, configs, { weights });
  const component = (name: keyof PerModel<unknown>): PipelineComponent => ({
    config: configs[name],
    weightsFile: file,
    tensors: models[name],
  });
  return {
    unet: component("unet"),
    vae: component("vae"),
    textEncoder: component("textEncoder"),
    schedulerConfig: schedulerOf(
      settings,
      predictionType ??
        (hasOpenClip(tensors) && globalStep !== baseStepsOfVersion2 ? "v_prediction" : "epsilon"),
    ),
    tokenizerFolder: tokenizerOf(file, settings),
  };
}

function open(
  file: string,
): Pick<ReturnType<typeof openTorchCheckpoint>, "tensors" | "globalStep"> {
  if (!file.endsWith(".safetensors")) return openTorchCheckpoint(file);
  return { tensors: openWeights(file), globalStep: undefined };
}

function withSettings(inferred: PerModel<JsonObject>, folder: string): PerModel<JsonObject> {
  const of = (name: string, otherwise: JsonObject): JsonObject =>
    readIfThere(path.join(folder, name, "config.json")) ?? otherwise;
  return {
    unet: of("unet", inferred.unet),
    vae: of("vae", inferred.vae),
    textEncoder: of("text_encoder", inferred.textEncoder),
  };
}

function schedulerOf(settings: string, prediction_type: string): JsonObject {
  const file = path.join(settings, "scheduler", "scheduler_config.json");
  return readIfThere(file) ?? { ...scheduler, prediction_type };
}

function tokenizerOf(file: string, settings: string): string {
  const folder = path.join(settings, "tokenizer");
  if (existsSync(folder)) return folder;
  throw new InputError(
    `Cannot read ${file}: it holds no tokenizer, and there is no ${folder}; give as settings a pipeline folder that has one`,
  );
}

function readIfThere(file: string): JsonObject | undefined {
  return existsSync(file) ? readJsonObject(file) : undefined;
}
