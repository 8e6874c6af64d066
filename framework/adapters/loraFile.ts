import type * as tf from "@tensorflow/tfjs";

import { InputError } from "../base/errors.ts";
import { readTensor, type HostTensor } from "../base/hostTensor.ts";
import {
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
  type WriteSafetensorsOptions,
} from "../weights/safetensors.ts";
import { kohyaLayer } from "./kohyaLayer.ts";
import type { LoraLayers } from "./lora.ts";
import type { LoraFactors } from "./loraLayer.ts";
import { alphaOf, peftSettings } from "./peftSettings.ts";

/** Where the rank, alpha and targets are in the header of newer files, as JSON. */
const metadataKey = "lora_adapter_metadata";

export interface ReadLoraOptions {
  /** For layers whose alpha the file does not give. Default: the rank. */
  alpha?: number;
}

/**
 * Reads `pytorch_lora_weights.safetensors` of diffusers and peft, also with the names that older
 * versions gave, and files of kohya-ss/sd-scripts.
 *
 * @throws {InputError} naming the tensor that is unknown, missing or of another rank
 */
export function readLora(
  file: string,
  { alpha }: ReadLoraOptions = {},
): Map<string, LoraFactors<HostTensor>> {
  const given = alphasOf(file);
  return readFactors(file, (layer) => given(layer) ?? alpha);
}

/**
 * The factors in a file.
 *
 * @param alphaOf of a layer, where the file has no tensor for it; undefined: the rank
 */
export function readFactors(
  file: string,
  alphaOf: (layer: string, rank: number) => number | undefined,
): Map<string, LoraFactors<HostTensor>> {
  const parts = new Map<string, Partial<Record<LoraPart, HostTensor>>>();
  for (const [name, tensor] of readSafetensors(file)) {
    const [layer, part] = partOf(file, name);
    parts.set(layer, { ...parts.get(layer), [part]: tensor });
  }
  return new Map(
    [...parts].map(([layer, { down, up, alpha: own }]) => {
      if (!down || !up) throw problem(file, `layer "${layer}" has only one of its two factors`);
      const rank = down.shape[0] ?? 0;
      if (rank < 1 || up.shape[1] !== rank) {
        throw problem(file, `layer "${layer}" has factors of rank ${rank} and ${up.shape[1]}`);
      }
      const alpha = own?.values[0] ?? alphaOf(layer, rank) ?? rank;
      return [layer, { down, up, alpha }] as const;
    }),
  );
}

type LoraPart = "down" | "up" | "alpha";

/** How a name ends, of which part it is, and what stands for that in the layer's name. */
const endings: readonly [ending: RegExp, part: LoraPart, layer: string][] = [
  [/\.lora_A(\.\w+)?\.weight$/, "down", ""],
  [/\.lora_B(\.\w+)?\.weight$/, "up", ""],
  [/\.lora(_linear_layer)?\.down\.weight$/, "down", ""],
  [/\.lora(_linear_layer)?\.up\.weight$/, "up", ""],
  [/\.processor\.to_out_lora\.down\.weight$/, "down", ".to_out.0"],
  [/\.processor\.to_out_lora\.up\.weight$/, "up", ".to_out.0"],
  [/\.processor\.(to_[qkv])_lora\.down\.weight$/, "down", ".$1"],
  [/\.processor\.(to_[qkv])_lora\.up\.weight$/, "up", ".$1"],
  [/\.lora_down\.weight$/, "down", ""],
  [/\.lora_up\.weight$/, "up", ""],
  [/\.alpha$/, "alpha", ""],
];

function partOf(file: string, name: string): [layer: string, part: LoraPart] {
  for (const [ending, part, layer] of endings) {
    if (!ending.test(name)) continue;
    const layerName = name.replace(ending, layer);
    if (!layerName.startsWith("lora_")) return [layerName, part];
    const ours = kohyaLayer(layerName);
    if (ours !== undefined) return [ours, part];
  }
  throw problem(
    file,
    `tensor "${name}": expected a name that ends in lora_A.weight or lora_B.weight, as diffusers and peft write, or one of kohya's for Stable Diffusion 1 or 2`,
  );
}

/** The alpha that the header's metadata gives a layer. */
function alphasOf(file: string): (layer: string) => number | undefined {
  const text = readSafetensorsHeader(file).metadata[metadataKey];
  if (text === undefined) return () => undefined;
  const settings = new Map<string, unknown>(Object.entries(parseObject(file, text)));
  return (layer) => {
    const [prefix = "", ...rest] = layer.split(".");
    const key = (name: string): unknown => settings.get(`${prefix}.${name}`);
    const own = { alpha_pattern: key("alpha_pattern"), lora_alpha: key("lora_alpha") };
    return (
      alphaOf(own, rest.join(".")) ?? alphaOf({ lora_alpha: settings.get("lora_alpha") }, layer)
    );
  };
}

function parseObject(file: string, text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
  } catch (cause) {
    throw new InputError(`Cannot read ${file}: ${metadataKey} is not JSON`, { cause });
  }
  throw problem(file, `${metadataKey} is not an object`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function problem(file: string, what: string): InputError {
  return new InputError(`Cannot read ${file}: ${what}`);
}

/** Values of trained factors, to be written or merged. */
export async function readLoraLayers(
  layers: LoraLayers<tf.Variable>,
): Promise<Map<string, LoraFactors<HostTensor>>> {
  const read = new Map<string, LoraFactors<HostTensor>>();
  for (const [name, { down, up, alpha }] of layers) {
    read.set(name, { down: await readTensor(down), up: await readTensor(up), alpha });
  }
  return read;
}

/**
 * Writes `pytorch_lora_weights.safetensors`, with rank and alpha in its header: loaders that do
 * not read it take alpha to be the rank.
 */
export function writeLora(
  file: string,
  layers: LoraLayers<HostTensor>,
  { dtype = "F32" }: Pick<WriteSafetensorsOptions, "dtype"> = {},
): void {
  const metadata = { format: "pt", [metadataKey]: JSON.stringify(settingsOf(layers)) };
  writeSafetensors(file, namedFactors(layers), { dtype, metadata });
}

/** The factors by the names that files have for them. */
export function namedFactors(layers: LoraLayers<HostTensor>): [string, HostTensor][] {
  return [...layers].flatMap(([name, { down, up }]): [string, HostTensor][] => [
    [`${name}.lora_A.weight`, down],
    [`${name}.lora_B.weight`, up],
  ]);
}

/** Settings of each model as peft names them. */
function settingsOf(layers: LoraLayers<HostTensor>): Record<string, unknown> {
  const prefixes = new Set([...layers.keys()].map((name) => name.split(".")[0]!));
  const settings = [...prefixes]
    .toSorted()
    .flatMap((prefix) =>
      Object.entries(peftSettings(layers, prefix)).map(([key, value]) => [
        `${prefix}.${key}`,
        value,
      ]),
    );
  return Object.fromEntries(settings);
}
