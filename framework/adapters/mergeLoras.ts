import path from "node:path";

import { InputError } from "../base/errors.ts";
import type { HostTensor } from "../base/hostTensor.ts";
import type { AdaptedModels } from "./adaptedModels.ts";
import type { LoraLayers } from "./lora.ts";
import { readLora } from "./loraFile.ts";
import { mergeLora } from "./loraMerge.ts";
import type { ScaledLora } from "./parseLora.ts";

/** A file of low-rank changes with its content. */
export interface StoredLora extends ScaledLora {
  readonly layers: LoraLayers<HostTensor>;
}

/** @throws {InputError} naming the file that is missing or corrupt */
export function readLoras(loras: readonly ScaledLora[]): StoredLora[] {
  return loras.map((lora) => ({ ...lora, layers: readLora(lora.file) }));
}

/**
 * Adds changes to models' own weights, for good.
 *
 * @throws {InputError} naming the file that is of another model
 */
export function mergeLoras(models: AdaptedModels, loras: readonly StoredLora[]): void {
  const merge = mergeLora(models);
  try {
    for (const { file, layers, scale } of loras) {
      try {
        merge.merge(layers, scale);
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new InputError(`Cannot use LoRA ${path.basename(file)}: ${cause.message}`, { cause });
      }
    }
  } finally {
    merge.dispose();
  }
}
