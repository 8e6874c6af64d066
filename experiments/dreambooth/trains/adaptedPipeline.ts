import path from "node:path";

import {
  addLearnedTokens,
  addLora,
  InputError,
  newTokenEmbedding,
  readLoraLayers,
  writeLearnedEmbeddings,
  writeLora,
  type AdaptedModels,
  type LearnedTokens,
  type Lora,
  type NamedVariables,
  type PipelineComponents,
} from "seedbed";

import type { InversionSettings } from "../settings/adapters.ts";
import type { ModelSettings } from "../settings/model.ts";

/** Files of a run's folder, beside its pipeline. */
export const adapterFiles = {
  lora: "pytorch_lora_weights.safetensors",
  tokens: "learned_embeds.safetensors",
} as const;

/** A pipeline with what is trained beside its own weights. */
export interface AdaptedPipeline {
  /** The pipeline; its tokenizer knows the learned token. */
  readonly components: PipelineComponents;
  /** Factors of LoRA and vectors of tokens, by their names in checkpoints. */
  readonly parameters: NamedVariables;
  /** Writes them as diffusers does. */
  write(folder: string): Promise<void>;
  /** Takes them off the models; the pipeline stays. */
  dispose(): void;
}

/**
 * Adds what the settings ask for to a pipeline, before anything that uses it is compiled. New
 * changes of low rank are zero and new tokens mean their initializer, so the pipeline draws what it
 * drew before.
 *
 * @param seed of the run
 * @throws {InputError} when a target is no layer, or the token or its initializer cannot be used
 */
export async function adaptedPipeline(
  components: PipelineComponents,
  settings: Pick<ModelSettings, "lora" | "inversion" | "trains">,
  seed: number,
): Promise<AdaptedPipeline> {
  if (!settings.lora && !settings.inversion) {
    return { components, parameters: new Map(), write: async () => {}, dispose() {} };
  }
  const loras: Lora[] = [];
  try {
    for (const add of loraAdditions(components, settings, seed)) loras.push(add());
    const { inversion } = settings;
    return adapted(
      components,
      loras,
      inversion ? await addToken(components, inversion) : undefined,
    );
  } catch (cause) {
    for (const lora of loras) lora.dispose();
    throw cause;
  }
}

function adapted(
  components: PipelineComponents,
  loras: readonly Lora[],
  tokens: LearnedTokens | undefined,
): AdaptedPipeline {
  return {
    components: { ...components, ...(tokens && { tokenizer: tokens.tokenizer }) },
    parameters: new Map([
      ...loras.flatMap(({ parameters }) => [...parameters]),
      ...[...(tokens?.parameters ?? [])].map(([name, value]) => [`tokens.${name}`, value] as const),
    ]),
    async write(folder) {
      const layers = new Map(loras.flatMap((each) => [...each.layers]));
      if (layers.size > 0) {
        writeLora(path.join(folder, adapterFiles.lora), await readLoraLayers(layers));
      }
      if (tokens) {
        writeLearnedEmbeddings(path.join(folder, adapterFiles.tokens), await tokens.read());
      }
    },
    dispose() {
      for (const each of loras) each.dispose();
      tokens?.dispose();
    },
  };
}

/** What adds the changes of each part that is trained. */
function loraAdditions(
  { unet, textEncoder }: PipelineComponents,
  { lora, trains }: Pick<ModelSettings, "lora" | "trains">,
  seed: number,
): (() => Lora)[] {
  if (!lora) return [];
  const { rank, targets } = lora;
  const options = { rank, alpha: lora.alpha ?? rank, seed: lora.seed ?? seed };
  const addition = (models: AdaptedModels, part: "unet" | "textEncoder") => (): Lora =>
    naming(`model.lora.targets.${part}`, () =>
      addLora(models, { ...options, targets: targets[part] }),
    );
  return [
    ...(trains.unet ? [addition({ unet: unet.model }, "unet")] : []),
    ...(trains.textEncoder ? [addition({ text_encoder: textEncoder.model }, "textEncoder")] : []),
  ];
}

async function addToken(
  { textEncoder, tokenizer, tokenizerFiles }: PipelineComponents,
  inversion: InversionSettings,
): Promise<LearnedTokens> {
  const { token, initializer } = inversion;
  const unknown = tokenizer.unknownWords(initializer);
  if (unknown.length > 0) {
    throw new InputError(
      `Cannot use model.inversion.initializer "${initializer}": the model's vocabulary lacks ${unknown.join(", ")}`,
    );
  }
  if (tokenizer.unknownWords(token).length === 0 && tokenizer.textIds(token).length === 1) {
    throw new InputError(
      `Cannot use model.inversion.token "${token}": it is a word that the model knows; give it a name such as "<${token}>"`,
    );
  }
  const model = { parameters: textEncoder.model.parameters, tokenizer, tokenizerFiles };
  const embedding = await newTokenEmbedding(model, inversion);
  return naming("model.inversion", () => addLearnedTokens(model, embedding));
}

/** What the user wrote is wrong, not the program. */
function naming<Result>(key: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`Cannot use ${key}: ${cause.message}`, { cause });
  }
}
