import path from "node:path";

import {
  mergeLearnedEmbeddings,
  readLearnedEmbeddings,
  type LearnedEmbeddings,
} from "../../adapters/learnedEmbeddings.ts";
import { addLearnedTokens } from "../../adapters/learnedTokens.ts";
import type { LoraLayers } from "../../adapters/lora.ts";
import { readLora } from "../../adapters/loraFile.ts";
import { mergeLora } from "../../adapters/loraMerge.ts";
import { InputError } from "../../base/errors.ts";
import type { HostTensor } from "../../base/hostTensor.ts";
import type { PipelineComponents } from "../../pipelines/pipelineComponents.ts";
import { refusing } from "./samplePlan.ts";
import type { SampleSettings } from "./sampleSettings.ts";

/** The content of adapters' files. */
export interface Adapters {
  readonly loras: readonly { file: string; layers: LoraLayers<HostTensor>; scale: number }[];
  readonly embeddings: LearnedEmbeddings;
}

/** @throws {InputError} naming the file that is corrupt, or two embeddings of one name */
export function readAdapters({
  loras,
  embeddings,
}: Pick<SampleSettings, "loras" | "embeddings">): Adapters {
  return {
    loras: loras.map(({ file, scale }) => ({ file, layers: readLora(file), scale })),
    embeddings: refusing(() =>
      mergeLearnedEmbeddings(
        ...embeddings.map(({ file, token }) =>
          readLearnedEmbeddings(file, token === undefined ? {} : { token }),
        ),
      ),
    ),
  };
}

/**
 * Adds adapters to a pipeline: LoRA is merged into its weights, learned tokens are known to the
 * tokenizer that comes back.
 *
 * @throws {InputError} when one does not fit the models
 */
export function addAdapters(
  components: PipelineComponents,
  { loras, embeddings }: Adapters,
): { components: PipelineComponents; dispose: () => void } {
  const { unet, textEncoder, tokenizer, tokenizerFiles } = components;
  mergeLoras({ unet: unet.model, text_encoder: textEncoder.model }, loras);
  if (embeddings.size === 0) return { components, dispose() {} };
  const { parameters } = textEncoder.model;
  const learned = refusing(() =>
    addLearnedTokens({ parameters, tokenizer, tokenizerFiles }, embeddings),
  );
  return {
    components: { ...components, tokenizer: learned.tokenizer },
    dispose: () => learned.dispose(),
  };
}

function mergeLoras(models: Parameters<typeof mergeLora>[0], loras: Adapters["loras"]): void {
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
