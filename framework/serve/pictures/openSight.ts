import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import {
  isQuantizedFolder,
  readQuantizedPictures,
} from "../../decode/quantization/quantizedFolder.ts";
import type { WeightSource } from "../../decode/weightReader.ts";
import { readJsonObject } from "../../weights/jsonFile.ts";
import { readModelFolder } from "../../weights/modelFolder.ts";
import { Sight, type SightOptions } from "./sight.ts";

const preprocessorFile = "preprocessor_config.json";

/** Whether a folder's model has a part that looks at pictures. */
export function seesPictures(folder: string): boolean {
  const file = path.join(folder, "config.json");
  return existsSync(file) && "vision_config" in readJsonObject(file);
}

/**
 * How a folder's model sees; undefined for one that does not. Weights are read with the first picture.
 *
 * @throws {InputError} naming what is missing or does not fit
 */
export function openSight(
  folder: string,
  options: Pick<SightOptions, "tokenizer" | "template" | "maxBytes">,
): Sight | undefined {
  if (!seesPictures(folder)) return undefined;
  const config = readJsonObject(path.join(folder, "config.json"));
  const file = path.join(folder, preprocessorFile);
  if (!existsSync(file)) {
    throw new InputError(
      `Cannot serve ${folder}: expected a ${preprocessorFile} of a model that sees pictures, got none`,
    );
  }
  try {
    const weights = (): WeightSource => weightsOf(folder);
    return new Sight({ ...options, config, weights, preprocessor: readJsonObject(file) });
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new InputError(`Cannot serve ${folder}: ${cause.message}`, { cause });
  }
}

function weightsOf(folder: string): WeightSource {
  const quantized = isQuantizedFolder(folder) ? readQuantizedPictures(folder) : undefined;
  return quantized?.tensors ?? readModelFolder(folder).tensors;
}
