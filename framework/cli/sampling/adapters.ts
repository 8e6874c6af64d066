import {
  mergeLearnedEmbeddings,
  readLearnedEmbeddings,
  type LearnedEmbeddings,
} from "../../adapters/learnedEmbeddings.ts";
import { addLearnedTokens } from "../../adapters/learnedTokens.ts";
import { mergeLoras, readLoras, type StoredLora } from "../../adapters/mergeLoras.ts";
import type { PipelineComponents } from "../../pipelines/pipelineComponents.ts";
import { refusing } from "./samplePlan.ts";
import type { SampleSettings } from "./sampleSettings.ts";

/** The content of adapters' files. */
export interface Adapters {
  readonly loras: readonly StoredLora[];
  readonly embeddings: LearnedEmbeddings;
}

/** @throws {InputError} naming the file that is corrupt, or two embeddings of one name */
export function readAdapters({
  loras,
  embeddings,
}: Pick<SampleSettings, "loras" | "embeddings">): Adapters {
  return {
    loras: readLoras(loras),
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
