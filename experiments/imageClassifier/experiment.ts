/** @file Trains a small convolutional network to tell who drew an emoji. */
import {
  createOptimizerConfig,
  encodePng,
  readSections,
  writeFileAtomic,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { loadEmojiData } from "../textToImage/dataset.ts";
import { dataSection } from "../textToImage/sections.ts";
import { createClassifier } from "./classifier.ts";
import { classifierModule } from "./classifierModule.ts";
import { classes, classifierLoaders } from "./dataset.ts";
import { confusionTable, mistakesGrid, tableLines, verdictsOf } from "./results.ts";

interface Settings {
  data: { preset: "core" | "full"; batchSize: number; validationFraction: number };
  model: { channels: number[]; size: number };
}

const sections: Experiment["sections"] = {
  data: {
    ...dataSection,
    properties: {
      ...dataSection.properties,
      validationFraction: {
        type: "number",
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.2,
        description: "Share of the drawings that are held out.",
      },
    },
  },
  model: {
    type: "object",
    description: "The network.",
    default: {},
    properties: {
      channels: {
        type: "array",
        minItems: 1,
        items: { type: "integer", minimum: 1 },
        default: [32, 64, 96],
        description: "Channels of each stage; every stage halves the picture.",
      },
      size: { type: "integer", minimum: 8, default: 32, description: "Side of the pictures." },
    },
  },
};

const settingsOf = (spec: ExperimentSpec): Settings => readSections(spec, sections);

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, resumeFrom, print } = context;
  const { data: dataSettings, model } = settingsOf(spec);
  const { preset, batchSize, validationFraction } = dataSettings;
  const { size, channels } = model;
  const { seed } = spec;
  const data = await loadEmojiData({ preset, size, validationFraction });
  record.recordData("emoji", data.sha256, { drawings: data.drawings.length });
  const classifier = createClassifier({ channels, classes: classes.length, seed });
  try {
    const optimizerConfig = createOptimizerConfig(spec);
    const module = classifierModule({ classifier, optimizerConfig });
    const loaders = classifierLoaders({ data, size, batchSize, seed });
    const trainer = context.createTrainer();
    const fit = await trainer.fit(module, { ...loaders, resumeFrom });
    const [batches] = await trainer.predict(module, loaders.valLoader);
    const verdicts = verdictsOf(batches!);
    const confusion = confusionTable(classes, verdicts);
    for (const line of tableLines(confusion)) print(line);
    const point = { step: fit.step, epoch: fit.epochs, wallTimeSeconds: Date.now() / 1000 };
    await record.logTable("confusion", confusion, point);
    const mistakes = mistakesGrid(classes, verdicts);
    if (mistakes) writeFileAtomic(record.path("mistakes.png"), await encodePng(mistakes));
    return {
      steps: fit.step,
      parameters: [...classifier.parameters.values()].reduce((sum, { size: n }) => sum + n, 0),
      "drawings.train": data.train.length,
      "drawings.heldOut": data.validation.length,
      "val/loss": fit.metrics["val/loss"] ?? Number.NaN,
      "val/accuracy": fit.metrics["val/accuracy"] ?? Number.NaN,
      mistakes: mistakes ? record.path("mistakes.png") : "none",
    };
  } finally {
    classifier.dispose();
  }
}

const experiment: Experiment = { name: "imageClassifier", sections, run };
export default experiment;
