import type { HostTensor } from "../base/hostTensor.ts";
import type { JsonObject } from "../base/json.ts";
import { describeShape, sizeOf } from "../base/shape.ts";

/**
 * A language model of the Llama family as its folder has it: transformers' `config.json` and the
 * tensors under transformers' names. Cutting gives another one of the same form.
 */
export interface DecoderWeights {
  readonly config: JsonObject;
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/** Which of several things of a layer, or other part, stay: indices in growing order. */
export type Kept = readonly number[];

const layerName = /^(.*\blayers\.)(\d+)\.(.+)$/;

/** A tensor's place in a layer: `model.layers.3.mlp.up_proj.weight` is layer 3's `mlp.up_proj.weight`. */
export interface LayerPlace {
  readonly before: string;
  readonly layer: number;
  readonly part: string;
}

/** Undefined for what is in no layer. */
export function layerPlace(name: string): LayerPlace | undefined {
  const [, before, layer, part] = layerName.exec(name) ?? [];
  if (before === undefined || part === undefined) return undefined;
  return { before, layer: Number(layer), part };
}

/** @throws {RangeError} when the settings have no such positive integer */
export function integerOf(config: JsonObject, key: string): number {
  const value = config[key];
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw new RangeError(
    `Cannot cut a language model: expected a positive integer ${key} in its config, got ${JSON.stringify(value)}`,
  );
}

/** Heads of a model whose settings may leave some out, as transformers reads them. */
export function headsOf(config: JsonObject): {
  heads: number;
  groups: number;
  headFeatures: number;
} {
  const heads = integerOf(config, "num_attention_heads");
  const has = (key: string): boolean => config[key] !== undefined && config[key] !== null;
  return {
    heads,
    groups: has("num_key_value_heads") ? integerOf(config, "num_key_value_heads") : heads,
    headFeatures: has("head_dim")
      ? integerOf(config, "head_dim")
      : integerOf(config, "hidden_size") / heads,
  };
}

/**
 * Part of a tensor: along an axis, what is at these places.
 *
 * @throws {RangeError} when a place is outside
 */
export function take({ shape, values }: HostTensor, axis: number, kept: Kept): HostTensor {
  const length = shape[axis] ?? 0;
  const outside = kept.find((index) => !(Number.isInteger(index) && index >= 0 && index < length));
  if (outside !== undefined) {
    throw new RangeError(
      `Cannot cut a tensor ${describeShape(shape)} along axis ${axis}: expected places 0 to ${length - 1}, got ${outside}`,
    );
  }
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const Values = values instanceof Int32Array ? Int32Array : Float32Array;
  const taken = new Values(outer * kept.length * inner);
  for (let row = 0; row < outer; row++) {
    for (const [to, from] of kept.entries()) {
      const start = (row * length + from) * inner;
      taken.set(values.subarray(start, start + inner), (row * kept.length + to) * inner);
    }
  }
  return { shape: shape.map((size, i) => (i === axis ? kept.length : size)), values: taken };
}

/** Axes of a layer's tensor to cut, and what stays along each. */
export type Cut = readonly (readonly [axis: number, kept: Kept])[];

/** Cuts the tensors for which `cutOf` knows how, and changes settings. */
export function cutTensors(
  { config, tensors }: DecoderWeights,
  changes: JsonObject,
  cutOf: (name: string, place: LayerPlace | undefined) => Cut | undefined,
): DecoderWeights {
  const cut = [...tensors].map(([name, tensor]): [string, HostTensor] => {
    const cuts = cutOf(name, layerPlace(name)) ?? [];
    return [name, cuts.reduce((left, [axis, kept]) => take(left, axis, kept), tensor)];
  });
  return { config: { ...config, ...changes }, tensors: new Map(cut) };
}

/**
 * What is kept in each layer, the same number everywhere.
 *
 * @throws {RangeError} when layers are missing or keep different numbers
 */
export function keptInEach(layers: number, kept: readonly Kept[], what: string): number {
  const [first = []] = kept;
  if (kept.length !== layers || kept.some(({ length }) => length !== first.length)) {
    throw new RangeError(
      `Cannot cut ${what}: expected what stays in each of ${layers} layers, the same number in all, got [${kept.map(({ length }) => length).join(", ")}]`,
    );
  }
  if (first.length > 0) return first.length;
  throw new RangeError(`Cannot cut ${what}: expected some to stay, got none`);
}
