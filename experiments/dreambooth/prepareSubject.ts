import {
  hashFiles,
  readImages,
  type ExperimentContext,
  type PipelineComponents,
  type RgbaImage,
} from "seedbed";

import type { ClassModel } from "./classPictures.ts";
import { tokenIds, type SubjectData } from "./dataset.ts";
import { pictureData } from "./pictures/pictureData.ts";
import { promptSource, remembering } from "./promptSource.ts";
import { recordMasks, recordTexts } from "./recordedData.ts";
import type { DreamboothSettings } from "./settings.ts";
import type { SubjectSettings } from "./settings/data.ts";
import { sharedClassPictures } from "./sharedClassPictures.ts";
import { readMasks } from "./subjectMasks.ts";
import { classPrompts, instancePrompts } from "./subjectPrompts.ts";
import { subjectRecord } from "./subjects.ts";

/** A subject's pictures, and what of them and its class is trained on. */
export interface PreparedSubject {
  readonly images: readonly { file: string; image: RgbaImage }[];
  readonly examples: SubjectData;
}

/** Reads a subject's pictures, and draws its class's, which the other workers find drawn. */
export async function prepareSubject(
  model: ClassModel,
  settings: DreamboothSettings,
  context: Pick<ExperimentContext, "compile" | "print" | "run" | "signal" | "spec" | "world">,
): Promise<PreparedSubject> {
  const { run, compile, signal, spec } = context;
  const { data, loss } = settings;
  const classFiles = await sharedClassPictures(model, settings, context);
  const images = await readImages(data.instance.folder);
  const files = images.map(({ file }) => file);
  run.recordData(subjectRecord("instance", data), hashFiles(files));
  const prompts = instancePrompts(data, files);
  const ofClass = classPrompts(data, classFiles.length);
  recordTexts(run, data, { subject: prompts, class: ofClass });
  if (loss.masked) recordMasks(run, data, files);
  const masks = loss.masked ? await readMasks(images, data.instance.masks) : [];
  const { factor } = model.components.vae.model;
  const pictures = await pictureData({
    ...{ components: model.components, compile, data, classFiles, seed: spec.seed, signal },
    subjects: images.map(({ image }, i) => ({ image, prompts: prompts[i], mask: masks[i] })),
    masking: loss.masked ? { factor, outside: loss.unmaskedWeight } : undefined,
  });
  const sources = promptSources(data, model.components);
  return {
    images,
    examples: {
      pictures,
      prompts: pictures.copies.map((copy) => sources.subject(copy.prompts)),
      classPrompts: ofClass.map((prompt) => sources.class([prompt])),
    },
  };
}

function promptSources(
  { instance, class: ofClass }: SubjectSettings,
  components: PipelineComponents,
): Record<"subject" | "class", (prompts: readonly string[]) => ReturnType<typeof promptSource>> {
  const encode = remembering((text) => tokenIds(components, text));
  return {
    subject: (prompts) => promptSource(prompts, instance, encode),
    class: (prompts) => promptSource(prompts, ofClass, encode),
  };
}
