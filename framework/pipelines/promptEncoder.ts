import * as tf from "@tensorflow/tfjs";

import type { Compile } from "../base/compile.ts";
import { hostTensor, toTensors, type HostTensor } from "../base/hostTensor.ts";
import type { ClipTextEncoder } from "../models/clipTextEncoder.ts";
import { promptChunks, type PromptChunk } from "../tokenizers/promptChunks.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

export interface PromptEncoderOptions {
  textEncoder: ClipTextEncoder;
  tokenizer: Tokenizer;
  compile: Compile;
  /** Which layer from the end conditions the UNet: 1 is the last. Default: 1. */
  clipSkip?: number;
  /** Whether brackets in prompts are weights. Default: true. */
  weighted?: boolean;
}

/** Turns prompts of any length into what conditions the UNet. */
export interface PromptEncoder {
  /**
   * Features of some prompts, each as long as the longest, the others with empty chunks behind
   * them. Prompts that are compared, such as a negative one, belong into one call.
   *
   * @returns `[prompts, chunks * tokens, hidden_size]`; the caller disposes
   */
  encode(prompts: readonly string[]): Promise<tf.Tensor3D>;
  /** How many chunks a prompt has, at least one. */
  chunks(prompt: string): number;
  dispose(): void;
}

/** A prompt encoder that sees the text encoder's weights of the moment. */
export function promptEncoder({
  textEncoder,
  tokenizer,
  compile,
  clipSkip = 1,
  weighted = true,
}: PromptEncoderOptions): PromptEncoder {
  const length = textEncoder.config.max_position_embeddings;
  const run = compile(({ ids, weights }: { ids: tf.Tensor; weights: tf.Tensor }) => {
    const [prompts = 1, chunks = 1] = ids.shape;
    const features = textEncoder.encode(ids.reshape([prompts * chunks, length]), { clipSkip });
    const joined = features.reshape<tf.Tensor3D>([prompts, chunks * length, -1]);
    return { context: weigh(joined, weights.reshape([prompts, chunks * length, 1])) };
  });
  const chunksOf = (prompt: string): PromptChunk[] =>
    promptChunks(tokenizer, prompt, { length, weighted });
  return {
    chunks: (prompt) => chunksOf(prompt).length,
    async encode(prompts) {
      const inputs = toTensors(padded(prompts.map(chunksOf), chunksOf("")[0]!));
      try {
        const { context } = await run({ ids: inputs["ids"]!, weights: inputs["weights"]! });
        return context;
      } finally {
        tf.dispose(inputs);
      }
    },
    dispose: () => run.dispose(),
  };
}

/**
 * Features times their weights, scaled so that the mean of each prompt's is what it was.
 *
 * Source: AUTOMATIC1111's stable-diffusion-webui, which takes the mean over a whole batch; here a
 * prompt's features do not depend on the others.
 */
function weigh(features: tf.Tensor3D, weights: tf.Tensor): tf.Tensor3D {
  const weighted = features.mul<tf.Tensor3D>(weights);
  return weighted.mul(features.mean([1, 2], true).div(weighted.mean([1, 2], true)));
}

/** `[prompts, chunks, tokens]` each. */
function padded(
  prompts: readonly (readonly PromptChunk[])[],
  empty: PromptChunk,
): { ids: HostTensor; weights: HostTensor } {
  const count = Math.max(...prompts.map((chunks) => chunks.length));
  const all = prompts.flatMap((chunks) =>
    Array.from({ length: count }, (_, i) => chunks[i] ?? empty),
  );
  const shape = [prompts.length, count, empty.ids.length];
  return {
    ids: hostTensor(Int32Array.from(all.flatMap(({ ids }) => [...ids])), shape),
    weights: hostTensor(Float32Array.from(all.flatMap(({ weights }) => [...weights])), shape),
  };
}
