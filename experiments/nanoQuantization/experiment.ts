/** @file Puts nano's matrices into codes of 8 and 4 bits, and measures what that costs. */
import {
  Decoder,
  decoderParameterName,
  loadParameters,
  writeReportFolder,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { buildNanoData, type NanoData } from "../nano/data/buildNanoData.ts";
import { packedLoader } from "../nano/data/loaders.ts";
import { checkTokenizer, checkVocabulary, copyProcessor } from "../nano/modelFolders.ts";
import { data, readDataSettings, type DataSettings } from "../nano/settings/data.ts";
import { evaluation, type EvaluationSettings } from "../nano/settings/evaluation.ts";
import { givenModel } from "../nano/settings/model.ts";
import { longest } from "../nano/startingModel.ts";
import { readTextModel, type TextModel } from "../nano/vision/textModel.ts";
import { layerGrams } from "./calibration.ts";
import { compareVariants, type Comparison } from "./compareVariants.ts";
import { comparisonReport } from "./comparisonReport.ts";
import { variantNames, type VariantName } from "./variants.ts";

interface Settings {
  data: DataSettings;
  model: { folder: string };
  quantization: { variants: VariantName[]; batches: number };
  evaluation: EvaluationSettings;
}

const sections: Experiment["sections"] = {
  data,
  model: givenModel("run:pruned"),
  quantization: {
    type: "object",
    description: "How weights become codes.",
    default: {},
    properties: {
      variants: {
        type: "array",
        items: { enum: variantNames },
        minItems: 1,
        uniqueItems: true,
        default: variantNames,
        description:
          "int8: a scale for each output; int8Blocks: one for 32 weights; int4: the same, by GPTQ; int4Rounded: to the nearest.",
      },
      batches: {
        type: "integer",
        minimum: 1,
        default: 8,
        description: "Batches of training that GPTQ and matrices' errors look at.",
      },
    },
  },
  evaluation,
};

const settingsOf = (spec: ExperimentSpec): Settings => readDataSettings(spec, sections);

function check(spec: ExperimentSpec): void {
  const { model, data: settings } = settingsOf(spec);
  checkVocabulary(model.folder, settings.vocabularySize);
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, print, signal } = context;
  const settings = settingsOf(spec);
  const { model, quantization, evaluation: measured } = settings;
  const nano = await buildNanoData({ ...settings.data, maxLength: longest });
  record.recordData("nano", nano.manifest.key, { files: nano.manifest.files });
  checkTokenizer(model.folder, nano);
  const input = { name: "start", type: "model", path: model.folder } as const;
  record.recordArtifact({ ...input, direction: "input" });
  print(`looking at ${quantization.batches} batches of training`);
  const text = readTextModel(model.folder);
  const grams = await gramsOf(text, settings, nano, { seed: spec.seed, signal });
  const { length } = settings.data;
  const comparison = await compareVariants({
    ...{ data: nano, grams, length, ...measured, print, signal },
    model: text,
    names: quantization.variants,
    folderOf: (name) => record.path(name),
  });
  for (const name of quantization.variants) {
    copyProcessor(model.folder, record.path(name));
    record.recordArtifact({ name, type: "model", path: record.path(name) });
  }
  const report = comparisonReport(comparison, model.folder);
  await writeReportFolder(record.path("quantization"), report, ["markdown"]);
  return { ...summaryOf(comparison), report: record.path("quantization/report.md") };
}

async function gramsOf(
  { config, tensors }: TextModel,
  { data: settings, quantization: { batches } }: Settings,
  { chat, tokenizer }: NanoData,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<Map<string, Float64Array>> {
  const { length, batchSize } = settings;
  const loader = packedLoader(chat.train, tokenizer, { length, batchSize, seed });
  const decoder = new Decoder(config, { seed: null });
  try {
    const rename = (name: string) => decoderParameterName(name, decoder.config);
    loadParameters(decoder.parameters, tensors, { rename });
    return await layerGrams(decoder, loader, batches, signal);
  } finally {
    decoder.dispose();
  }
}

function summaryOf({ float32, variants }: Comparison): Record<string, number> {
  const rows = [{ name: "float32", ...float32 }, ...variants];
  return Object.fromEntries(
    rows.flatMap(({ name, ...numbers }) =>
      Object.entries(numbers).flatMap(([key, value]) =>
        typeof value === "number" && Number.isFinite(value) ? [[`${name}/${key}`, value]] : [],
      ),
    ),
  );
}

const experiment: Experiment = {
  name: "nanoQuantization",
  sections,
  modelFields: ["model.folder", "data.tokenizer"],
  check,
  run,
};
export default experiment;
