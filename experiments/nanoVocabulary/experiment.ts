/** @file Cuts a language model's vocabulary to the entries that its texts need. */
import {
  InputError,
  writeModelFolder,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { buildNanoData } from "../nano/data/buildNanoData.ts";
import { checkTokenizer, checkVocabulary, readWeights } from "../nano/modelFolders.ts";
import { data, readDataSettings, type DataSettings } from "../nano/settings/data.ts";
import { evaluation, type EvaluationSettings } from "../nano/settings/evaluation.ts";
import { givenModel } from "../nano/settings/model.ts";
import { longest } from "../nano/startingModel.ts";
import { seesPictures } from "../nano/vision/pictureModel.ts";
import { bitsPerByte } from "./bitsPerByte.ts";
import { trimVocabulary } from "./trimVocabulary.ts";

interface Settings {
  data: DataSettings;
  model: { folder: string };
  vocabulary: { size: number };
  evaluation: EvaluationSettings;
}

const sections: Experiment["sections"] = {
  data,
  model: givenModel("run:teacher"),
  vocabulary: {
    type: "object",
    description: "What stays.",
    default: {},
    properties: {
      size: {
        type: "integer",
        minimum: 257,
        default: 2048,
        description: "Most entries: letters, added tokens, and those that training uses most.",
      },
    },
  },
  evaluation,
};

const settingsOf = (spec: ExperimentSpec): Settings => readDataSettings(spec, sections);

function check(spec: ExperimentSpec): void {
  const { model, data: settings, vocabulary } = settingsOf(spec);
  checkVocabulary(model.folder, settings.vocabularySize);
  if (seesPictures(readWeights(model.folder).config)) {
    throw new InputError(
      `Cannot trim the vocabulary of ${model.folder}: expected a language model alone, got one that sees pictures; trim it before it learns to`,
    );
  }
  if (vocabulary.size < settings.vocabularySize) return;
  throw new InputError(
    `Cannot trim the vocabulary of ${model.folder}: expected vocabulary.size below its ${settings.vocabularySize} entries, got ${vocabulary.size}`,
  );
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, print, signal } = context;
  const { data: settings, model, vocabulary, evaluation: measured } = settingsOf(spec);
  const whole = await buildNanoData({ ...settings, maxLength: longest });
  record.recordData("nano", whole.manifest.key, { files: whole.manifest.files });
  checkTokenizer(model.folder, whole);
  const input = { name: "start", type: "model", path: model.folder } as const;
  record.recordArtifact({ ...input, direction: "input" });
  const weights = readWeights(model.folder);
  const trimmed = trimVocabulary(weights, whole, settings.set, vocabulary.size);
  const folder = record.path("model");
  writeModelFolder(folder, trimmed.weights);
  trimmed.writeTokenizer(folder);
  record.recordArtifact({ name: "model", type: "model", path: folder });
  print(`${trimmed.kept.length} of ${whole.tokenizer.vocabularySize} entries stay`);
  const data = await buildNanoData({ ...settings, maxLength: longest, tokenizer: folder });
  const options = { set: settings.set, length: settings.length, ...measured, signal };
  const before = await bitsPerByte(weights, whole, options);
  signal.throwIfAborted();
  const after = await bitsPerByte(trimmed.weights, data, options);
  return {
    entries: trimmed.kept.length,
    "entries/before": whole.tokenizer.vocabularySize,
    "test/tokens": data[settings.set].test.ids.length,
    "test/tokens/before": whole[settings.set].test.ids.length,
    parameters: trimmed.parameters,
    "parameters/before": trimmed.parametersBefore,
    "test/bitsPerByte": after,
    "test/bitsPerByte/before": before,
    model: folder,
  };
}

const experiment: Experiment = {
  name: "nanoVocabulary",
  sections,
  modelFields: ["model.folder", "data.tokenizer"],
  check,
  run,
};
export default experiment;
