import { InputError } from "../../base/errors.ts";
import { hostTensor, type HostTensor } from "../../base/hostTensor.ts";
import type { RgbImage } from "../../data/image.ts";
import { tensorToImages } from "../../data/imageTensors.ts";
import type { GenerateRequest } from "../../pipelines/generateRequest.ts";
import { loadPipeline } from "../../pipelines/loadPipeline.ts";
import { disposePipeline, type PipelineComponents } from "../../pipelines/pipelineComponents.ts";
import type { StartPicture } from "../../pipelines/startPicture.ts";
import { textToImage, type TextToImage } from "../../pipelines/textToImage.ts";
import { readPromptWeights } from "../../tokenizers/promptWeights.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";
import { fetchModel } from "../../weights/fetchModel.ts";
import type { CommandContext } from "../command.ts";
import { InterruptedRun } from "../interruptedRun.ts";
import { packageVersion } from "../packageVersion.ts";
import { addAdapters, readAdapters, type Adapters } from "./adapters.ts";
import { PictureFiles, pictureGrid, writePicture } from "./pictureFiles.ts";
import { pictureParameters } from "./pictureParameters.ts";
import { planSample, type SamplePlan } from "./samplePlan.ts";
import { sampleProgress, type SampleProgress } from "./sampleProgress.ts";
import type { SampleSettings } from "./sampleSettings.ts";
import { readStartPicture } from "./startPictures.ts";

/** One picture. */
interface Wanted {
  readonly prompt: string;
  readonly seed: number;
}

/** Everything that was read before the model's weights. */
interface Sampling {
  readonly settings: SampleSettings;
  readonly source: string;
  readonly plan: SamplePlan;
  readonly picture: StartPicture | undefined;
  readonly adapters: Adapters;
  readonly wanted: readonly Wanted[];
  readonly progress: SampleProgress;
}

/** Pixels of all pictures of the largest grid. */
const mostGridPixels = 50_000_000;

/**
 * Makes pictures with a model and writes them, each when it is done.
 *
 * @throws {InputError} for whatever does not fit, before pictures are made
 * @throws {InterruptedRun} after SIGINT or SIGTERM; pictures that were done are kept
 */
export async function samplePictures(
  settings: SampleSettings,
  context: CommandContext,
): Promise<void> {
  const { model, variant, backend } = settings;
  const source = await fetchModel(model, { print: context.terminal.warn, variant });
  const plan = planSample(settings, source);
  const wanted = settings.prompts.flatMap((prompt) =>
    Array.from({ length: settings.count }, (_, i) => ({ prompt, seed: settings.seed + i })),
  );
  const output = context.terminal.progress ?? { write() {} };
  const sampling: Sampling = {
    settings,
    source,
    plan,
    picture: await readStartPicture(settings, plan),
    adapters: readAdapters(settings),
    wanted,
    progress: sampleProgress({ output, pictures: wanted.length }),
  };
  const { useBackend } = await import("../../backend/register.ts");
  const { compile } = await useBackend(backend);
  sampling.progress.say(`reading ${model}`);
  try {
    await withComponents(sampling, async (components) => {
      const { clipSkip, tile } = settings;
      const generator = textToImage(components, compile, { clipSkip, tileSize: tile });
      await makePictures(generator, sampling, context).finally(() => generator.dispose());
    });
  } finally {
    sampling.progress.close();
  }
}

async function withComponents(
  { settings, source, plan, adapters }: Sampling,
  work: (components: PipelineComponents) => Promise<void>,
): Promise<void> {
  const loaded = loadPipeline(source, settings);
  try {
    const { components, dispose } = addAdapters(loaded, adapters);
    try {
      for (const prompt of [...settings.prompts, settings.negative]) {
        checkWords(prompt, components.tokenizer);
      }
      await work({ ...components, scheduler: plan.scheduler });
    } finally {
      dispose();
    }
  } finally {
    disposePipeline(loaded);
  }
}

/** A word that the model cannot see would be ignored in silence. */
function checkWords(prompt: string, tokenizer: Tokenizer): void {
  const texts = readPromptWeights(prompt).flat();
  const unknown = texts.flatMap(({ text }) => tokenizer.unknownWords(text));
  if (unknown.length === 0) return;
  throw new InputError(
    `Cannot use prompt "${prompt}": the model's vocabulary lacks ${[...new Set(unknown)].join(", ")}`,
  );
}

async function makePictures(
  generator: TextToImage,
  sampling: Sampling,
  context: CommandContext,
): Promise<void> {
  const { settings, wanted, progress, plan } = sampling;
  const { terminal } = context;
  const isGridSmall = wanted.length * plan.width * plan.height <= mostGridPixels;
  const watch = context.watchSignals();
  const files = new PictureFiles(settings.out);
  const images: RgbImage[] = [];
  let written = 0;
  try {
    const request = { ...requestOf(sampling), signal: watch.signal, onProgress: progress.show };
    for await (const { index, image } of generator.stream(request)) {
      checkFinite(image, wanted[index]!);
      const [picture] = tensorToImages(hostTensor(image.values, [1, ...image.shape]));
      if (isGridSmall) images[index] = picture!;
      const file = files.picture(index, wanted[index]!.seed);
      await writePicture(file, picture!, parametersOf(sampling, index));
      written++;
      progress.close();
      terminal.print(file);
    }
    if (images.length > 1) {
      const grid = pictureGrid(images, settings.prompts);
      await writePicture(files.grid(), grid, parametersOf(sampling, 0));
      terminal.print(files.grid());
    }
  } catch (cause) {
    if (cause !== watch.signal.reason) throw cause;
    const text = `Interrupted: ${written} of ${wanted.length} pictures are in ${settings.out}`;
    throw new InterruptedRun(text, watch.exitCode(), { cause });
  } finally {
    watch.release();
  }
}

/** What is not a number would be written as black. */
function checkFinite({ values }: HostTensor, { prompt, seed }: Wanted): void {
  if (values.every(Number.isFinite)) return;
  throw new InputError(
    `Cannot make "${prompt}" of seed ${seed}: the model gives values that are not finite; try another sampler, other adapters or weights of full precision`,
  );
}

function requestOf({ settings, plan, picture, wanted }: Sampling): GenerateRequest {
  const { steps, guidance, guidanceRescale, eta, negative, batch } = settings;
  const { width, height } = plan;
  return {
    prompts: wanted.map(({ prompt }) => prompt),
    seeds: wanted.map(({ seed }) => seed),
    negativePrompt: negative,
    guidanceScale: guidance,
    batchSize: batch,
    ...{ steps, guidanceRescale, eta, picture, width, height },
  };
}

function parametersOf({ settings, plan, wanted }: Sampling, index: number): string {
  return pictureParameters(wanted[index]!, settings, plan, packageVersion());
}
