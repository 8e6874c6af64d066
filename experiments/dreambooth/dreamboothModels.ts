import {
  disposePipeline,
  fetchModel,
  loadPipeline,
  recordModel,
  withSampler,
  type Compile,
  type ExperimentContext,
  type PipelineComponents,
  type TextToImage,
} from "seedbed";

import type { ClassModel } from "./classPictures.ts";
import { changesScheduler, trainedComponents } from "./denoisingTask.ts";
import { literalTextToImage } from "./literalPrompts.ts";
import { textEmbeddings } from "./pictures/textEmbeddings.ts";
import type { DreamboothSettings } from "./settings.ts";
import { sharedClassPictures } from "./sharedClassPictures.ts";
import { adaptedPipeline, type AdaptedPipeline } from "./trains/adaptedPipeline.ts";

/** The model, what draws with it before and after training, and what trains beside it. */
export interface DreamboothModels extends ClassModel {
  /** The same weights with the scheduler that they are trained for. */
  readonly trained: PipelineComponents;
  readonly trainedGenerator: TextToImage;
  readonly adapted: AdaptedPipeline;
  readonly embeddings: Awaited<ReturnType<typeof textEmbeddings>>;
  dispose(): void;
}

/**
 * Loads the model, and adds what is trained beside its weights. Before that the classes' pictures
 * are drawn, so that they have the bits of the plain model's.
 *
 * @throws {InputError} when the model cannot be had or read, or is another than what a run that goes
 * on from a checkpoint was begun with
 */
export async function openModels(
  bySubject: readonly DreamboothSettings[],
  context: Pick<ExperimentContext, "compile" | "print" | "run" | "signal" | "spec" | "world">,
): Promise<DreamboothModels> {
  const { spec, compile, print } = context;
  const settings = bySubject[0]!;
  const { model, data } = settings;
  const source = await fetchModel(model.folder, { print });
  const hash = recordModel(context.run, "base", source);
  const loaded = loadPipeline(source);
  const plain = ddimGenerator(loaded, compile);
  if (model.lora || model.inversion) {
    await drawClasses({ generator: plain, components: loaded, hash }, bySubject, context);
  }
  const adapted = await adaptedPipeline(loaded, model, spec.seed);
  const { components } = adapted;
  const trained = trainedComponents(components, settings);
  const generator = components === loaded ? plain : ddimGenerator(components, compile);
  const trainedGenerator = changesScheduler(settings) ? ddimGenerator(trained, compile) : generator;
  const embeddings = await textEmbeddings({
    textEncoder: components.textEncoder.model,
    compile,
    place: data.cache.textEmbeddings,
  });
  return {
    ...{ hash, components, trained, adapted, generator, trainedGenerator, embeddings },
    dispose() {
      for (const each of [embeddings, generator, plain, trainedGenerator, adapted]) each.dispose();
      disposePipeline(loaded);
    },
  };
}

/** What comes later finds them drawn. */
async function drawClasses(
  model: ClassModel,
  bySubject: readonly DreamboothSettings[],
  context: Parameters<typeof sharedClassPictures>[2],
): Promise<void> {
  for (const settings of bySubject) await sharedClassPictures(model, settings, context);
}

/** Class images are kept by DDIM's settings, whatever sampler the model's folder names. */
function ddimGenerator(components: PipelineComponents, compile: Compile): TextToImage {
  const scheduler = withSampler(components.scheduler, "DDIMScheduler");
  return literalTextToImage({ ...components, scheduler }, compile);
}
