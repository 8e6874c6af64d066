import { readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../../base/atomicFile.ts";
import { InputError } from "../../../base/errors.ts";
import type { JsonObject } from "../../../base/json.ts";
import { readOptions } from "../../../base/options.ts";
import { readSafetensors, writeSafetensors } from "../../../weights/safetensors.ts";
import { countedFeatures } from "./requestFeatures.ts";
import type { WinRateModel } from "./winRateModel.ts";

/** What a router has learnt. */
export interface RouterFolder {
  readonly model: WinRateModel;
  /** Calibrated on answers that it has not learnt from; by the routers' names. */
  readonly thresholds: { readonly winRate: number; readonly cascade: number };
  /** Where it comes from; nothing is decided by it. */
  readonly about?: JsonObject;
}

interface Description {
  readonly formatVersion: 1;
  readonly features: readonly string[];
  readonly buckets: number;
  readonly thresholds: RouterFolder["thresholds"];
}

const unit = { type: "number", minimum: 0, maximum: 1 } as const;
const description = {
  type: "object",
  additionalProperties: false,
  required: ["formatVersion", "features", "buckets", "thresholds"],
  properties: {
    formatVersion: { const: 1 },
    features: { type: "array", items: { type: "string" } },
    buckets: { type: "integer", minimum: 1, maximum: 2 ** 20 },
    thresholds: {
      type: "object",
      additionalProperties: false,
      required: ["winRate", "cascade"],
      properties: { winRate: unit, cascade: unit },
    },
    about: { type: "object" },
  },
} as const;

const jsonName = "router.json";
const weightsName = "router.safetensors";

/** Writes `router.safetensors` and `router.json`. */
export function writeRouterFolder(
  folder: string,
  { model: { buckets, weight, bias }, thresholds, about }: RouterFolder,
): void {
  writeSafetensors(path.join(folder, weightsName), [
    ["weight", { shape: [weight.length], values: weight }],
    ["bias", { shape: [1], values: Float32Array.of(bias) }],
  ]);
  const content = {
    ...{ formatVersion: 1, features: countedFeatures, buckets, thresholds },
    ...(about && { about }),
  };
  writeFileAtomic(path.join(folder, jsonName), `${JSON.stringify(content, undefined, 1)}\n`);
}

/**
 * Reads what {@link writeRouterFolder} wrote.
 *
 * @throws {InputError} for what is missing, damaged, or knows requests by other features
 */
export function readRouterFolder(folder: string): RouterFolder {
  try {
    const { features, buckets, thresholds } = readDescription(path.join(folder, jsonName));
    if (features.join() !== countedFeatures.join()) {
      throw new RangeError(
        `expected features ${countedFeatures.join(", ")}, got ${features.join(", ")}; train it again`,
      );
    }
    const tensors = readSafetensors(path.join(folder, weightsName));
    const weight = valuesOf(tensors.get("weight"), countedFeatures.length + buckets);
    const [bias] = valuesOf(tensors.get("bias"), 1);
    return { model: { buckets, weight, bias: bias! }, thresholds };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read router ${folder}: ${reason}`, { cause });
  }
}

function readDescription(file: string): Description {
  const content: object = JSON.parse(readFileSync(file, "utf8"));
  return readOptions<Description>(`router ${file}`, description, content);
}

function valuesOf(
  tensor: { readonly values: ArrayLike<number> } | undefined,
  count: number,
): Float32Array {
  const values = Float32Array.from(tensor?.values ?? []);
  if (values.length === count && values.every(Number.isFinite)) return values;
  throw new RangeError(`expected ${count} finite weights in ${weightsName}, got ${values.length}`);
}
