import { readFileSync } from "node:fs";

import {
  DecodeEngine,
  type DecodeEngineOptions,
  type Logits,
} from "../../../framework/decode/decodeEngine.ts";
import { readDecoderConfig, type DecoderConfig } from "../../../framework/models/decoderConfig.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";
import { readSafetensors } from "../../../framework/weights/safetensors.ts";

const folder = "test/fixtures/nano";

export type NanoName = "smollm2-tiny" | "llama3-tiny" | "qwen2-tiny" | "mistral-swa-tiny";

export type EngineOptions = Omit<DecodeEngineOptions, "config" | "weights">;

/** Settings and weights of a model of the fixtures. */
export function nanoModel(name: string): Pick<DecodeEngineOptions, "config" | "weights"> {
  const { config, tensors } = readModelFolder(`${folder}/${name}`);
  return { config: readDecoderConfig(config), weights: tensors };
}

/** The model of a folder of the fixtures. */
export function nanoEngine(
  name: NanoName,
  options: EngineOptions = {},
  config: Partial<DecoderConfig> = {},
): DecodeEngine {
  const model = nanoModel(name);
  return new DecodeEngine({
    threads: 2,
    ...model,
    config: { ...model.config, ...config },
    ...options,
  });
}

/** What the published library computed: the values of one array, and its shape. */
export function nanoGolden(name: string, array: string, file = "golden"): GoldenArray {
  const { shape, values } = readSafetensors(`${folder}/${name}/${file}.safetensors`).get(array)!;
  return { shape, values };
}

interface GoldenArray {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export function nanoJson(file: string): unknown {
  return JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
}

/** The `index`th of the arrays that lie along the first axis. */
export function part({ shape, values }: GoldenArray, index: number): Float32Array {
  const length = values.length / shape[0]!;
  return Float32Array.from(values.subarray(index * length, (index + 1) * length));
}

/** Logits of several tokens as one array. */
export function joined(logits: Logits): Float32Array {
  return Float32Array.from(logits.flatMap((each) => [...each]));
}

export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  return Array.from(actual).reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i]!)), 0);
}

/** Feeds tokens in chunks of these sizes. */
export async function feedIn(
  engine: DecodeEngine,
  row: number,
  tokens: ArrayLike<number>,
  chunks: readonly number[],
): Promise<Float32Array> {
  const logits: Float32Array[] = [];
  let done = 0;
  for (const chunk of chunks) {
    const ids = Array.from(tokens).slice(done, done + chunk);
    logits.push(...(await engine.feed(row, ids)));
    done += chunk;
  }
  return joined(logits);
}
