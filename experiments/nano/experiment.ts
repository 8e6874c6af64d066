/** @file Trains nano: a small language model that answers questions and calls functions. */
import {
  createOptimizerConfig,
  saveModel,
  writeFileAtomic,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { buildNanoData, summaryTable } from "./data/buildNanoData.ts";
import { decoderModule } from "./decoderModule.ts";
import { checkTeaching, startTeaching, type Teaching } from "./distillation/teaching.ts";
import { finalEvaluation } from "./finalEvaluation.ts";
import { checkTokenizer, checkVocabulary, copyTokenizer } from "./modelFolders.ts";
import { checkPruning } from "./pruning.ts";
import { recordModels } from "./recordModels.ts";
import { sections, settingsOf, type NanoTrainingSettings } from "./settings.ts";
import { checkNewModel, longest, startingModel } from "./startingModel.ts";
import { trainedParameters, type TrainedParameters } from "./trainedParameters.ts";
import { trainingLoaders } from "./trainingLoaders.ts";

function check(spec: ExperimentSpec): void {
  const settings = settingsOf(spec);
  const { model, data } = settings;
  if (model.folder === null) checkNewModel(model, data.vocabularySize);
  checkTeaching(settings);
  for (const folder of foldersOf(settings)) checkVocabulary(folder, data.vocabularySize);
  checkPruning(model.folder, settings.pruning);
}

/** Models that are read. */
function foldersOf({ model, distillation }: NanoTrainingSettings): string[] {
  return [model.folder, distillation.teacher].filter((folder) => folder !== null);
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, resumeFrom, print } = context;
  const settings = settingsOf(spec);
  const data = await buildNanoData({ ...settings.data, maxLength: longest });
  print(summaryTable(data.manifest).join("\n"));
  record.recordData("nano", data.manifest.key, { files: data.manifest.files });
  for (const folder of foldersOf(settings)) checkTokenizer(folder, data);
  recordModels(record, settings);
  const loaders = await trainingLoaders(settings, data, context);
  const { model, config, pruned } = await startingModel(settings, spec.seed, loaders.trainLoader);
  if (pruned) writeFileAtomic(record.path("pruning.json"), `${JSON.stringify(pruned)}\n`);
  let teaching: Teaching | undefined;
  let trained: TrainedParameters | undefined;
  try {
    const optimizerConfig = createOptimizerConfig(spec);
    const { lora, model: base } = settings;
    const parts = lora ? { adapted: model.parameters } : { full: model.parameters };
    const options = { lora, seed: spec.seed, baseModel: base.folder };
    trained = trainedParameters(model.parameters, parts, options);
    const { parameters, weights } = trained;
    teaching = startTeaching(settings, data, { config: model.config, weights });
    const module = decoderModule({
      ...{ model, trained: parameters, optimizerConfig, ...settings.loss, ...teaching.options },
    });
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    await trained.finish(record.path("adapter"));
    const folder = record.path("model");
    await saveModel(folder, model, config);
    copyTokenizer(data, folder);
    record.recordArtifact({ name: "model", type: "model", path: folder, step: fit.step });
    const scores = await finalEvaluation(context, settings, data, model);
    const loss = fit.metrics["val/loss"] ?? Number.NaN;
    return {
      steps: fit.step,
      parameters: [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0),
      "val/loss": loss,
      "val/accuracy": fit.metrics["val/accuracy"] ?? Number.NaN,
      perplexity: Math.exp(loss),
      ...scores,
      model: folder,
    };
  } finally {
    trained?.dispose();
    model.dispose();
    teaching?.dispose();
  }
}

const experiment: Experiment = {
  name: "nano",
  sections,
  modelFields: ["model.folder", "distillation.teacher", "data.tokenizer"],
  check,
  run,
};
export default experiment;
