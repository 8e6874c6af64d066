import * as tf from "@tensorflow/tfjs";

import { readOptions, type OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import type { AdamOptions } from "./adamFamily.ts";
import { adamProperties } from "./adamProperties.ts";
import { decoupledWeightDecay } from "./commonProperties.ts";
import { dynamicCode, packCodes, unpackCodes, type DynamicCode } from "./dynamicQuantization.ts";
import { Slots } from "./slots.ts";

export interface Adam8bitOptions extends AdamOptions {
  /** Parameters of fewer elements keep their moments in float32. */
  minQuantizedSize: number;
}

export const optionsSchema: OptionsSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    ...adamProperties,
    weightDecay: decoupledWeightDecay(0),
    minQuantizedSize: {
      description: "Parameters of fewer elements keep their moments in float32.",
      type: "integer",
      minimum: 0,
      default: 4096,
    },
  },
};

/** Elements that share a scale. */
const blockSize = 256;

type Slot =
  | "firstMoment"
  | "secondMoment"
  | "firstCodes"
  | "firstScale"
  | "secondCodes"
  | "secondScale";

/** A moment as blocks of codes and the largest magnitude of each. */
interface Quantized {
  codes: Slot;
  scale: Slot;
  code: DynamicCode;
}

/**
 * AdamW whose moments are kept in 8 bits: each as a code for its share of the largest in its block.
 *
 * Source: Dettmers et al. 2022, arXiv:2110.02861, with blocks of 256 as bitsandbytes has them. A
 * step is computed in float32 and only then rounded. TF.js has no variables of bytes, so that an
 * int32 holds four codes.
 */
export function adam8bit(options: Partial<Adam8bitOptions> = {}): Optimizer {
  const settings = readOptions<Adam8bitOptions>("adam8bit", optionsSchema, options);
  const { learningRate, betas, epsilon, weightDecay, minQuantizedSize } = settings;
  const [beta1, beta2] = betas;
  const first: Quantized = { codes: "firstCodes", scale: "firstScale", code: dynamicCode(true) };
  const second: Quantized = {
    codes: "secondCodes",
    scale: "secondScale",
    code: dynamicCode(false),
  };
  const isQuantized = ({ size }: tf.Tensor): boolean => size >= minQuantizedSize;
  const slots = new Slots<Slot>(
    ["firstMoment", "secondMoment", "firstCodes", "firstScale", "secondCodes", "secondScale"],
    (slot, parameter) => {
      const blocks = Math.ceil(parameter.size / blockSize);
      const isMoment = slot === "firstMoment" || slot === "secondMoment";
      if (isMoment) return isQuantized(parameter) ? undefined : parameter;
      if (!isQuantized(parameter)) return undefined;
      return slot === "firstCodes" || slot === "secondCodes"
        ? { shape: [blocks, blockSize / 4], dtype: "int32" }
        : { shape: [blocks, 1], dtype: "float32" };
    },
  );

  function readBlocks(key: string, { codes, scale, code }: Quantized): tf.Tensor {
    return code.decode(unpackCodes(slots.get(codes, key))).mul(slots.get(scale, key));
  }

  function writeBlocks(key: string, { codes, scale, code }: Quantized, moment: tf.Tensor): void {
    const largest = moment.abs().max(-1, true);
    const share = moment.div(tf.where(largest.greater(0), largest, 1));
    slots.get(codes, key).assign(packCodes(code.encode(share)));
    slots.get(scale, key).assign(largest);
  }

  /** The moments after this step, in the gradient's shape; they become the state. */
  function moments(key: string, gradient: tf.Tensor): [tf.Tensor, tf.Tensor] {
    const next = (m: tf.Tensor, v: tf.Tensor, g: tf.Tensor): [tf.Tensor, tf.Tensor] => [
      m.mul(beta1).add(g.mul(1 - beta1)),
      v.mul(beta2).add(g.square().mul(1 - beta2)),
    ];
    if (!isQuantized(gradient)) {
      const [m, v] = [slots.get("firstMoment", key), slots.get("secondMoment", key)];
      const both = next(m, v, gradient);
      m.assign(both[0]);
      v.assign(both[1]);
      return both;
    }
    const both = next(readBlocks(key, first), readBlocks(key, second), toBlocks(gradient));
    writeBlocks(key, first, both[0]);
    writeBlocks(key, second, both[1]);
    return [fromBlocks(both[0], gradient), fromBlocks(both[1], gradient)];
  }

  return {
    name: "adam8bit",
    learningRate,
    momentum: beta1,
    weightDecay,
    initialize: (parameters, make) => slots.initialize(parameters, make),
    state: () => slots.state,
    dispose: () => slots.dispose(),
    hyperparameters: (step, rate) => ({
      size: rate / (1 - beta1 ** step),
      correction2Sqrt: 1 / Math.sqrt(1 - beta2 ** step),
      decay: rate * weightDecay,
    }),
    apply: (gradients, hyperparameters, gradientScale) =>
      tf.tidy(() => {
        const { size, correction2Sqrt, decay } = hyperparameters;
        for (const { key, parameter, gradient } of slots.scaled(gradients, gradientScale)) {
          const [m, v] = moments(key, gradient);
          const move = m.mul(size!).div(v.sqrt().mul(correction2Sqrt!).add(epsilon));
          const step = weightDecay > 0 ? move.add(parameter.mul(decay!)) : move;
          parameter.assign(parameter.sub(step));
        }
      }),
  };
}

/** `[blocks, blockSize]`, zeros after the last element. */
function toBlocks(x: tf.Tensor): tf.Tensor {
  const blocks = Math.ceil(x.size / blockSize);
  const flat = tf.pad(x.reshape([x.size]), [[0, blocks * blockSize - x.size]]);
  return flat.reshape([blocks, blockSize]);
}

function fromBlocks(blocks: tf.Tensor, like: tf.Tensor): tf.Tensor {
  return tf.slice(blocks.reshape([blocks.size]), 0, like.size).reshape(like.shape);
}
