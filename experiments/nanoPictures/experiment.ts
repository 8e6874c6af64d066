/** @file Teaches nano to see: a vision tower and a connector for a trained language model. */
import path from "node:path";

import {
  createOptimizerConfig,
  recordModel,
  saveModel,
  writeFileAtomic,
  type Experiment,
  type ExperimentContext,
  type Idefics3,
} from "seedbed";

import { buildNanoData, summaryTable } from "../nano/data/buildNanoData.ts";
import { checkTokenizer, copyTokenizer } from "../nano/modelFolders.ts";
import { longest } from "../nano/startingModel.ts";
import { trainedParameters, type TrainedParameters } from "../nano/trainedParameters.ts";
import {
  openPictureModel,
  parametersOf,
  pictureParts,
  preprocessorConfig,
} from "../nano/vision/pictureModel.ts";
import { checkSettings } from "./checkSettings.ts";
import { finalEvaluation } from "./finalEvaluation.ts";
import { pictureLoaders } from "./loaders.ts";
import { picturesModule } from "./picturesModule.ts";
import { sections, settingsOf, type PictureTrainingSettings } from "./settings.ts";
import type { Training } from "./settings/model.ts";

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, resumeFrom, print } = context;
  const { seed } = spec;
  const settings = settingsOf(spec);
  const base = checkSettings(settings);
  const data = await buildNanoData({ ...settings.data, maxLength: longest });
  print(summaryTable(data.manifest).join("\n"));
  record.recordData("nano", data.manifest.key, { files: data.manifest.files });
  checkTokenizer(base, data);
  recordModel(record, "start", base);
  const { model, config } = await openPictureModel(base, settings.model.tower, seed);
  let trained: TrainedParameters | undefined;
  try {
    trained = trainedPart(model, settings, { seed, base });
    const module = picturesModule({
      ...{ model, trained, optimizerConfig: createOptimizerConfig(spec) },
      dialogueShare: settings.data.dialogues.share,
    });
    const imageTokens = model.tokensPerFrame;
    const loaders = pictureLoaders(settings.data, data, { imageTokens, seed });
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    await trained.finish(record.path("adapter"));
    const folder = record.path("model");
    await saveModel(folder, model, config);
    copyTokenizer(data, folder);
    writeProcessor(folder, imageTokens);
    record.recordArtifact({ name: "model", type: "model", path: folder, step: fit.step });
    const scores = await finalEvaluation(context, settings, data, model);
    return {
      steps: fit.step,
      parameters: [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0),
      "val/loss": fit.metrics["val/loss"] ?? Number.NaN,
      ...scores,
      model: folder,
    };
  } finally {
    trained?.dispose();
    model.dispose();
  }
}

/** What learns, after `model.trains`. */
function trainedPart(
  model: Idefics3,
  { model: { trains }, lora }: PictureTrainingSettings,
  { seed, base }: { seed: number; base: string },
): TrainedParameters {
  const those = (training: Training): Idefics3["parameters"] =>
    new Map(
      pictureParts
        .filter((part) => trains[part] === training)
        .flatMap((part) => [...parametersOf(model, part)]),
    );
  const parts = { full: those("all"), ...(lora && { adapted: those("lora") }) };
  return trainedParameters(model.parameters, parts, { lora, seed, baseModel: base });
}

/** How a model's folder says what it is to be given of a picture. */
function writeProcessor(folder: string, imageTokens: number): void {
  const processor = { processor_class: "Idefics3Processor", image_seq_len: imageTokens };
  const files = {
    "preprocessor_config.json": preprocessorConfig,
    "processor_config.json": processor,
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileAtomic(path.join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
  }
}

const experiment: Experiment = {
  name: "nanoPictures",
  sections,
  modelFields: ["model.folder", "data.tokenizer"],
  check: (spec) => void checkSettings(settingsOf(spec)),
  run,
};
export default experiment;
