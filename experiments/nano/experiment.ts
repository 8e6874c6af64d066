/** @file Trains nano: a small language model that answers questions and calls functions. */
import { readFileSync } from "node:fs";
import path from "node:path";

import {
  createOptimizerConfig,
  DecodeEngine,
  Decoder,
  InputError,
  loadDecoder,
  readModelFolder,
  saveModel,
  sharedParameters,
  writeFileAtomic,
  type DataLoader,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { answer } from "./answer.ts";
import { buildNanoData, summaryTable, type NanoData } from "./data/buildNanoData.ts";
import { packedLoader } from "./data/loaders.ts";
import { decoderModule } from "./decoderModule.ts";
import { sections, settingsOf, type ModelSizes, type NanoTrainingSettings } from "./settings.ts";

/** Longest text that a model from nothing is meant for. */
const longest = 1024;

function check(spec: ExperimentSpec): void {
  const { model, distillation } = settingsOf(spec);
  if (model.folder === null) new Decoder(configOf(model, 1), { seed: null }).dispose();
  for (const folder of [model.folder, distillation.teacher]) {
    if (folder !== null) readModelFolder(folder);
  }
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, resumeFrom, print } = context;
  const settings = settingsOf(spec);
  const data = await buildNanoData(settings.data);
  print(summaryTable(data.manifest).join("\n"));
  record.recordData("nano", data.manifest.key, { files: data.manifest.files });
  const { model, config } = startingModel(settings, data, spec.seed);
  const teacher = teacherOf(settings, model);
  try {
    const { teacher: _, ...distillation } = settings.distillation;
    const optimizerConfig = createOptimizerConfig(spec);
    const module = decoderModule({ model, optimizerConfig, teacher, distillation });
    const loaders = loadersOf(settings, data, spec.seed);
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    const folder = record.path("model");
    await saveModel(folder, model, config);
    copyTokenizer(data, folder);
    await sayAnswers(context, settings, data, model);
    const loss = fit.metrics["val/loss"] ?? Number.NaN;
    return {
      steps: fit.step,
      parameters: [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0),
      "val/loss": loss,
      "val/accuracy": fit.metrics["val/accuracy"] ?? Number.NaN,
      perplexity: Math.exp(loss),
      model: folder,
    };
  } finally {
    model.dispose();
    teacher?.dispose();
  }
}

/** transformers' settings of a model with these sizes. */
function configOf(sizes: ModelSizes, vocabularySize: number): Record<string, unknown> {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: vocabularySize,
    hidden_size: sizes.features,
    intermediate_size: sizes.feedForward,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.keyValueHeads,
    max_position_embeddings: longest,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    hidden_act: "silu",
  };
}

function startingModel(
  { model: { folder, ...sizes } }: NanoTrainingSettings,
  { tokenizer: { vocabularySize } }: NanoData,
  seed: number,
): { model: Decoder; config: object } {
  if (folder === null) {
    const config = configOf(sizes, vocabularySize);
    return { model: new Decoder(config, { seed }), config };
  }
  const config: object = Object(readModelFolder(folder).config);
  return { model: sameTokens(loadDecoder(folder), vocabularySize, folder), config };
}

function teacherOf(
  { distillation: { teacher: folder } }: NanoTrainingSettings,
  { config: { vocab_size } }: Decoder,
): Decoder | undefined {
  return folder === null ? undefined : sameTokens(loadDecoder(folder), vocab_size, folder);
}

/** @throws {InputError} for a model of another vocabulary, which is freed */
function sameTokens(model: Decoder, vocabularySize: number, folder: string): Decoder {
  const { vocab_size } = model.config;
  if (vocab_size === vocabularySize) return model;
  model.dispose();
  throw new InputError(
    `Cannot train with ${folder}: expected a vocabulary of ${vocabularySize} entries, as data.vocabularySize asks for, got ${vocab_size}`,
  );
}

function loadersOf(
  { data: { set, length, batchSize } }: NanoTrainingSettings,
  data: NanoData,
  seed: number,
): { trainLoader: DataLoader; valLoader: DataLoader } {
  const loader = (split: "train" | "validation", order: { seed?: number }): DataLoader =>
    packedLoader(data[set][split], data.tokenizer, { length, batchSize, ...order });
  return { trainLoader: loader("train", { seed }), valLoader: loader("validation", {}) };
}

/** A model's folder has what its texts are encoded with. */
function copyTokenizer({ folder: from, manifest }: NanoData, to: string): void {
  for (const file of Object.keys(manifest.files).filter((name) => name.startsWith("tokenizer/"))) {
    writeFileAtomic(path.join(to, path.basename(file)), readFileSync(path.join(from, file)));
  }
}

async function sayAnswers(
  { run: record, print }: ExperimentContext,
  { sampling: { questions, length } }: NanoTrainingSettings,
  { tokenizer }: NanoData,
  model: Decoder,
): Promise<void> {
  const weights = sharedParameters(model.parameters);
  const engine = new DecodeEngine({ config: model.config, weights });
  try {
    const said: string[] = [];
    for (const question of questions) {
      said.push(`> ${question}\n${await answer(engine, tokenizer, question, length)}`);
    }
    print(said.join("\n\n"));
    writeFileAtomic(record.path("answers.txt"), `${said.join("\n\n")}\n`);
  } finally {
    await engine.dispose();
  }
}

const experiment: Experiment = { name: "nano", sections, check, run };
export default experiment;
