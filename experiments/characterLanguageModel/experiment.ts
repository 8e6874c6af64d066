/** @file Trains a small transformer to write like Melville, character by character. */
import { createHash } from "node:crypto";

import {
  createOptimizerConfig,
  readSections,
  writeFileAtomic,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { createCorpus, readMobyDick, windowLoaders } from "./dataset.ts";
import { languageModule } from "./languageModule.ts";
import { ngramBits } from "./ngramBits.ts";
import { sampleTexts } from "./sampleText.ts";
import { createTransformer } from "./transformer.ts";

interface Settings {
  data: { batchSize: number; validationFraction: number };
  model: { context: number; features: number; heads: number; blocks: number };
  sampling: { prompts: string[]; length: number; temperature: number };
}

const count = { type: "integer", minimum: 1 } as const;

const sections: Experiment["sections"] = {
  data: {
    type: "object",
    description: "Windows of the text.",
    default: {},
    properties: {
      batchSize: { ...count, default: 16 },
      validationFraction: {
        type: "number",
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.1,
        description: "Share of the text, from its end, that is held out.",
      },
    },
  },
  model: {
    type: "object",
    description: "The transformer.",
    default: {},
    properties: {
      context: { ...count, default: 128, description: "Characters that are seen at once." },
      features: { ...count, default: 128 },
      heads: { ...count, default: 4 },
      blocks: { ...count, default: 4 },
    },
  },
  sampling: {
    type: "object",
    description: "The texts at the end.",
    default: {},
    properties: {
      prompts: {
        type: "array",
        items: { type: "string", minLength: 1 },
        default: ["Call me "],
        description: "What they begin with.",
      },
      length: { ...count, default: 400, description: "Characters that are added." },
      temperature: {
        type: "number",
        exclusiveMinimum: 0,
        default: 0.8,
        description: "Below 1 the probable becomes more probable.",
      },
    },
  },
};

const settingsOf = (spec: ExperimentSpec): Settings => readSections(spec, sections);

function check(spec: ExperimentSpec): void {
  createTransformer({ ...settingsOf(spec).model, characters: 1, seed: null }).dispose();
}

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, compile, signal, resumeFrom, print } = context;
  const { data: dataSettings, model: modelSettings, sampling } = settingsOf(spec);
  const { batchSize, validationFraction } = dataSettings;
  const { seed } = spec;
  const text = readMobyDick();
  record.recordData("mobyDick", createHash("sha256").update(text).digest("hex"), {
    characters: text.length,
  });
  const corpus = createCorpus(text, validationFraction);
  const characters = corpus.characters.length;
  const model = createTransformer({ ...modelSettings, characters, seed });
  try {
    const module = languageModule({ model, optimizerConfig: createOptimizerConfig(spec) });
    const loaders = windowLoaders(corpus, { context: modelSettings.context, batchSize, seed });
    const fit = await context.createTrainer().fit(module, { ...loaders, resumeFrom });
    const texts = await sampleTexts({
      model,
      characters: corpus.characters,
      context: modelSettings.context,
      ...sampling,
      seed,
      compile,
      signal,
    });
    const written = texts.join("\n\n---\n\n");
    print(written);
    writeFileAtomic(record.path("samples.txt"), `${written}\n`);
    const bits = (order: number): number =>
      ngramBits(corpus.train, corpus.validation, { order, characters });
    return {
      steps: fit.step,
      parameters: [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0),
      "val/bitsPerCharacter": fit.metrics["val/bitsPerCharacter"] ?? Number.NaN,
      "baseline.characters": bits(1),
      "baseline.trigrams": bits(3),
      "baseline.fiveGrams": bits(5),
      samples: record.path("samples.txt"),
    };
  } finally {
    model.dispose();
  }
}

const experiment: Experiment = { name: "characterLanguageModel", sections, check, run };
export default experiment;
