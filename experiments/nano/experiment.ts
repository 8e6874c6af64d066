/** @file Trains nano: a small language model that answers questions and calls functions. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import {
  createOptimizerConfig,
  DecodeEngine,
  Decoder,
  InputError,
  loadDecoder,
  readDecoderConfig,
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
import { sections, settingsOf, type NanoTrainingSettings } from "./settings.ts";
import type { ModelSizes } from "./settings/model.ts";

/** Longest text that a model from nothing is meant for. */
const longest = 1024;

function check(spec: ExperimentSpec): void {
  const settings = settingsOf(spec);
  const { model, data } = settings;
  if (model.folder === null) readDecoderConfig(configOf(model, data.vocabularySize));
  for (const folder of foldersOf(settings)) checkVocabulary(folder, data.vocabularySize);
}

/** Models that are read. */
function foldersOf({ model, distillation }: NanoTrainingSettings): string[] {
  return [model.folder, distillation.teacher].filter((folder) => folder !== null);
}

/** @throws {InputError} for what is no language model, or one of another vocabulary */
function checkVocabulary(folder: string, expected: number): void {
  const size = vocabularySizeOf(folder);
  if (size === expected) return;
  throw new InputError(
    `Cannot train with ${folder}: expected a vocabulary of ${expected} entries, as data.vocabularySize asks for, got ${size}`,
  );
}

function vocabularySizeOf(folder: string): number {
  const { config } = readModelFolder(folder);
  try {
    return readDecoderConfig(config).vocab_size;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot train with ${folder}: ${reason}`, { cause });
  }
}

/** @throws {InputError} when a model's folder has another tokenizer: its ids mean other texts */
function checkTokenizer(folder: string, data: NanoData): void {
  const file = path.join(folder, "tokenizer.json");
  const expected = readFileSync(path.join(data.folder, "tokenizer/tokenizer.json"), "utf8");
  if (!existsSync(file) || readFileSync(file, "utf8") === expected) return;
  throw new InputError(
    `Cannot train with ${folder}: expected the tokenizer of these data, got another; give the data settings that the model was trained with`,
  );
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, resumeFrom, print } = context;
  const settings = settingsOf(spec);
  const data = await buildNanoData({ ...settings.data, maxLength: longest });
  print(summaryTable(data.manifest).join("\n"));
  record.recordData("nano", data.manifest.key, { files: data.manifest.files });
  for (const folder of foldersOf(settings)) checkTokenizer(folder, data);
  const { model, config } = startingModel(settings, spec.seed);
  let teacher: Decoder | undefined;
  try {
    const { teacher: teacherFolder, ...distillation } = settings.distillation;
    teacher = teacherFolder === null ? undefined : loadDecoder(teacherFolder);
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
  { model: { folder, ...sizes }, data: { vocabularySize } }: NanoTrainingSettings,
  seed: number,
): { model: Decoder; config: object } {
  if (folder === null) {
    const config = configOf(sizes, vocabularySize);
    return { model: new Decoder(config, { seed }), config };
  }
  return { model: loadDecoder(folder), config: readModelFolder(folder).config };
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
