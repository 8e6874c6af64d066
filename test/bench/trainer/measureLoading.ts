/** @file Measures how long the engine waits for batches while the image classifier trains. */
import {
  createClassifier,
  type Classifier,
} from "../../../experiments/imageClassifier/classifier.ts";
import { classifierModule } from "../../../experiments/imageClassifier/classifierModule.ts";
import { classes, classifierLoaders } from "../../../experiments/imageClassifier/dataset.ts";
import { loadEmojiData } from "../../../experiments/textToImage/dataset.ts";
import { engineReport, useBackend } from "../../../framework/backend/register.ts";
import type { DataLoader } from "../../../framework/data/dataLoader.ts";
import { adamW } from "../../../framework/optim/optimizers/adamW.ts";
import type { Callback } from "../../../framework/training/callback.ts";
import { Trainer } from "../../../framework/training/trainer.ts";
import type { EngineFigure, EngineReport } from "../engine/engineFigure.ts";
import { peakMb } from "../peakMb.ts";
import { median } from "../statistics.ts";

/** As in configs/image-classifier.yaml, but for fewer drawings. */
const seed = 11;
const size = 32;
const batchSize = 64;
const channels = [32, 64, 96];
/** The first epoch captures the step. */
const epochs = 4;
const targetIdle = 0.05;

/** A loader, and the times in ms that its batches took. */
function timed(loader: DataLoader): { loader: DataLoader; times: number[] } {
  const times: number[] = [];
  return {
    times,
    loader: {
      length: loader.length,
      async batch(epoch, index) {
        const start = performance.now();
        const batch = await loader.batch(epoch, index);
        times.push(performance.now() - start);
        return batch;
      },
    },
  };
}

interface Epoch {
  ms: number;
  /** Between the calls of ONNX Runtime and their answers. */
  insideMs: number;
}

/** Times epochs; the first is left out. */
function timeEpochs(): { callback: Callback; found: Epoch[] } {
  const found: Epoch[] = [];
  let start = { ms: 0, insideMs: 0 };
  const now = (): Epoch => ({
    ms: performance.now(),
    insideMs: engineReport().runs.milliseconds,
  });
  const callback: Callback = {
    name: "timeEpochs",
    onTrainEpochStart: () => void (start = now()),
    onTrainEpochEnd({ epoch }) {
      const { ms, insideMs } = now();
      if (epoch > 0) found.push({ ms: ms - start.ms, insideMs: insideMs - start.insideMs });
    },
  };
  return { callback, found };
}

async function train(classifier: Classifier, trainLoader: DataLoader, callback: Callback) {
  const { compile } = await useBackend("ort", { threads: Number(process.argv[2]) });
  const optimizerConfig = { optimizer: adamW({ learningRate: 1e-3 }) };
  const module = classifierModule({ classifier, optimizerConfig });
  const options = { print: () => {}, maxEpochs: epochs, compile, seed, callbacks: [callback] };
  await new Trainer(options).fit(module, { trainLoader });
}

async function measure(): Promise<EngineReport> {
  const data = await loadEmojiData({ size });
  const { trainLoader } = classifierLoaders({ data, size, batchSize, seed });
  const { loader, times } = timed(trainLoader);
  const { callback, found } = timeEpochs();
  const classifier = createClassifier({ channels, classes: classes.length, seed });
  await train(classifier, loader, callback);
  classifier.dispose();
  const batchMs = median(times);
  const stepMs = median(found.map(({ ms }) => ms / loader.length));
  // A batch is made on the thread that hears the engine's answers: a longer one would hide waiting.
  if (batchMs > stepMs / 2) throw new Error("Cannot measure: a batch takes as long as a step");
  const idle = median(found.map(({ ms, insideMs }) => (ms - insideMs) / ms));
  const figures: EngineFigure[] = [
    {
      name: "loading-idle",
      title: "the engine idle in a training epoch of the image classifier, for each step",
      ms: idle * stepMs,
      share: idle,
      target: targetIdle,
    },
    {
      name: "loading-batch",
      title: `making its batch of ${batchSize} pictures while the step before runs`,
      ms: batchMs,
      share: batchMs / stepMs,
    },
  ];
  return { figures, peakMb: peakMb() };
}

process.send?.(await measure());
process.disconnect?.();
