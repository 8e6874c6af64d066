import * as tf from "@tensorflow/tfjs";

import { toTensor, type HostTensor } from "../base/hostTensor.ts";
import { nearest } from "../base/nearest.ts";
import { describeShape, sameShape } from "../base/shape.ts";
import { fanInUniform, zeros } from "../nn/initializers.ts";
import { wrapLayer } from "../nn/layerWrappers.ts";
import { ParameterScope } from "../nn/parameterScope.ts";
import { layerWeights, type AdaptedModels } from "./adaptedModels.ts";
import { loraShapes, loraWrapper, type LoraFactors } from "./loraLayer.ts";

export interface LoraOptions {
  /** Columns of the factors; the fewer, the smaller the change that they can make. */
  rank: number;
  /** Changes are multiplied by `alpha / rank`. Default: the rank. */
  alpha?: number;
  /**
   * Layers, by their whole name or what it ends with after a dot: `to_q`, `ff.net.2`,
   * `unet.conv_in`. Default: all projections of attention.
   */
  targets?: readonly string[];
  /** Integer in [0, 2^32): decides the first values of `down`; `up` is zero. */
  seed: number;
}

/** Projections of attention in UNets, in text encoders and in language models. */
export const attentionProjections: readonly string[] = [
  ...["to_q", "to_k", "to_v", "to_out.0"],
  ...["q_proj", "k_proj", "v_proj", "out_proj", "o_proj"],
];

/** Factors of each layer, by the layer's full name. */
export type LoraLayers<Factor> = ReadonlyMap<string, LoraFactors<Factor>>;

/** Low-rank changes beside the layers of models, whose own weights stay as they are. */
export interface Lora {
  readonly layers: LoraLayers<tf.Variable>;
  /** What is trained, by the names that its file has; also what a checkpoint must hold. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** How much of the change the models see, 1 at first; works in compiled functions as well. */
  setScale(scale: number): void;
  /** Takes the changes off the models and frees their parameters. */
  dispose(): void;
}

/**
 * Adds new, trainable changes to layers of models. Add them before functions that use the models
 * are compiled.
 *
 * @throws {RangeError} when a target is no layer, or an option is out of range
 */
export function addLora(
  models: AdaptedModels,
  { rank, alpha = rank, targets = attentionProjections, seed }: LoraOptions,
): Lora {
  if (!Number.isInteger(rank) || rank < 1 || !(alpha > 0)) {
    throw new RangeError(
      `Cannot add LoRA: expected an integer rank >= 1 and alpha > 0, got rank ${rank} and alpha ${alpha}`,
    );
  }
  const weights = matching(layerWeights(models), targets);
  const shapes = [...weights].map(
    ([name, weight]) => [name, loraShapes(name, weight, rank)] as const,
  );
  const scope = new ParameterScope({ seed });
  const layers = new Map(
    shapes.map(([name, { down, up }]) => {
      const fanIn = down.slice(1).reduce((product, side) => product * side, 1);
      const at = scope.at(name);
      const factors = {
        down: at.parameter("lora_A.weight", down, fanInUniform(fanIn)),
        up: at.parameter("lora_B.weight", up, zeros),
        alpha,
      };
      return [name, factors] as const;
    }),
  );
  return attach(weights, layers, scope.parameters);
}

/**
 * Adds changes with the values of a file, which may be trained further.
 *
 * @throws {RangeError} naming every layer that the models lack or that has another shape
 */
export function addLoraLayers(models: AdaptedModels, stored: LoraLayers<HostTensor>): Lora {
  const weights = fitting(layerWeights(models), stored);
  const parameters = new Map<string, tf.Variable>();
  const layers = new Map<string, LoraFactors<tf.Variable>>();
  for (const [name, { down, up, alpha }] of stored) {
    const factors = { down: variableOf(down), up: variableOf(up), alpha };
    layers.set(name, factors);
    parameters.set(`${name}.lora_A.weight`, factors.down);
    parameters.set(`${name}.lora_B.weight`, factors.up);
  }
  return attach(weights, layers, parameters);
}

function variableOf(value: HostTensor): tf.Variable {
  return tf.tidy(() => tf.variable(toTensor(value)));
}

function attach(
  weights: ReadonlyMap<string, tf.Variable>,
  layers: LoraLayers<tf.Variable>,
  parameters: ReadonlyMap<string, tf.Variable>,
): Lora {
  const scale = tf.tidy(() => tf.variable(tf.scalar(1), false));
  const removals = [...layers].map(([name, factors]) =>
    wrapLayer(weights.get(name)!, loraWrapper(factors, scale)),
  );
  return {
    layers,
    parameters,
    setScale(value) {
      tf.tidy(() => scale.assign(tf.scalar(value)));
    },
    dispose() {
      for (const remove of removals) remove();
      tf.dispose([scale, ...parameters.values()]);
    },
  };
}

/** @throws {RangeError} naming targets that no layer has */
function matching(
  weights: ReadonlyMap<string, tf.Variable>,
  targets: readonly string[],
): Map<string, tf.Variable> {
  const fits = (name: string, target: string): boolean =>
    name === target || name.endsWith(`.${target}`);
  const found = new Map(
    [...weights].filter(([name]) => targets.some((target) => fits(name, target))),
  );
  const names = [...found.keys()];
  const idle = targets.filter((target) => !names.some((name) => fits(name, target)));
  if (found.size > 0 && (targets === attentionProjections || idle.length === 0)) return found;
  const problems = idle.map((target) => `"${target}"${hint(target, weights.keys())}`);
  throw new RangeError(`Cannot add LoRA: no layer is called ${problems.join(" or ")}`);
}

/** The nearest end of a layer's name that is as long as the target. */
function hint(target: string, names: Iterable<string>): string {
  const { length } = target.split(".");
  const best = nearest(target, new Set(Array.from(names, (name) => lastParts(name, length))));
  return best === undefined ? "" : ` (did you mean "${best}"?)`;
}

const lastParts = (name: string, count: number): string => name.split(".").slice(-count).join(".");

/** The weights of the layers of a file. */
export function fitting(
  weights: ReadonlyMap<string, tf.Variable>,
  stored: LoraLayers<HostTensor>,
): Map<string, tf.Variable> {
  const found = new Map<string, tf.Variable>();
  const problems: string[] = [];
  for (const [name, { down, up }] of stored) {
    const weight = weights.get(name);
    if (weight === undefined) {
      problems.push(`${name} (not in the model)`);
      continue;
    }
    const expected = loraShapes(name, weight, down.shape[0] ?? 0);
    for (const part of ["down", "up"] as const) {
      const { shape } = { down, up }[part];
      if (sameShape(shape, expected[part])) continue;
      problems.push(
        `${name} (${part}: expected ${describeShape(expected[part])}, got ${describeShape(shape)})`,
      );
    }
    found.set(name, weight);
  }
  if (problems.length === 0) return found;
  throw new RangeError(
    `Cannot load LoRA: ${problems.length} layers do not fit: ${problems.join("; ")}`,
  );
}
