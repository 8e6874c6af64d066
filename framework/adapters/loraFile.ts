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
  const parts = new Map<string, Partial<Record<LoraPart, HostTensor>>>();
  for (const [name, tensor] of readSafetensors(file)) {
    const [layer, part] = partOf(file, name);
    parts.set(layer, { ...parts.get(layer), [part]: tensor });
  }
  const given = alphasOf(file);
  return new Map(
    [...parts].map(([layer, { down, up, alpha: own }]) => {
      if (!down || !up) throw problem(file, `layer "${layer}" has only one of its two factors`);
      const rank = down.shape[0] ?? 0;
      if (rank < 1 || up.shape[1] !== rank) {
        throw problem(file, `layer "${layer}" has factors of rank ${rank} and ${up.shape[1]}`);
      }
      const stored = own?.values[0] ?? given(layer) ?? alpha ?? rank;
      return [layer, { down, up, alpha: stored }] as const;
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
    const patterns = settings.get(`${prefix}.alpha_pattern`);
    const own = isObject(patterns) ? Object.entries(patterns) : [];
    const found = own.find(([pattern]) => `.${rest.join(".")}`.endsWith(`.${pattern}`));
    const alpha = found?.[1] ?? settings.get(`${prefix}.lora_alpha`) ?? settings.get("lora_alpha");
    return typeof alpha === "number" ? alpha : undefined;
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
  const tensors = [...layers].flatMap(([name, { down, up }]) => [
    [`${name}.lora_A.weight`, down] as const,
    [`${name}.lora_B.weight`, up] as const,
  ]);
  const metadata = { format: "pt", [metadataKey]: JSON.stringify(settingsOf(layers)) };
  writeSafetensors(file, tensors, { dtype, metadata });
}

/** Settings of each model as peft names them: what most layers have, then the others' own. */
function settingsOf(layers: LoraLayers<HostTensor>): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  const prefixes = new Set([...layers.keys()].map((name) => name.split(".")[0]!));
  for (const prefix of [...prefixes].toSorted()) {
    const own = [...layers].flatMap(([name, { down, alpha }]) =>
      name.startsWith(`${prefix}.`)
        ? [{ name: name.slice(prefix.length + 1), rank: down.shape[0]!, alpha }]
        : [],
    );
    const { rank, alpha } = own[0]!;
    const others = (key: "rank" | "alpha", usual: number): object =>
      Object.fromEntries(
        own.filter((each) => each[key] !== usual).map((each) => [each.name, each[key]]),
      );
    settings[`${prefix}.r`] = rank;
    settings[`${prefix}.lora_alpha`] = alpha;
    settings[`${prefix}.rank_pattern`] = others("rank", rank);
    settings[`${prefix}.alpha_pattern`] = others("alpha", alpha);
    settings[`${prefix}.target_modules`] = own.map(({ name }) => name);
  }
  return settings;
}
