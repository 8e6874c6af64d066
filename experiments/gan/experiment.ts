/** @file Trains two networks against each other until one makes points like those of a ring. */
import {
  createLoader,
  createOptimizerConfig,
  encodePng,
  hostTensor,
  imageGrid,
  readSections,
  writeFileAtomic,
  type DataLoader,
  type Experiment,
  type ExperimentContext,
  type ExperimentSpec,
} from "seedbed";

import { ganModule } from "./ganModule.ts";
import { createNetwork } from "./network.ts";
import { pointsPicture } from "./pointsPicture.ts";
import { drawPoint, type Ring } from "./ring.ts";

interface Settings {
  data: { ring: Ring; batchSize: number; batchesPerEpoch: number };
  model: { latents: number; hidden: number[]; slopePenalty: number };
}

/** Points that a validation looks at. */
const validationPoints = 2000;

const count = { type: "integer", minimum: 1 } as const;
const length = { type: "number", exclusiveMinimum: 0 } as const;

const sections: Experiment["sections"] = {
  data: {
    type: "object",
    description: "Normal distributions on a circle.",
    default: {},
    properties: {
      ring: {
        type: "object",
        default: {},
        additionalProperties: false,
        properties: {
          modes: { ...count, default: 8, description: "How many distributions." },
          radius: { ...length, default: 2 },
          deviation: { ...length, default: 0.1, description: "Of each." },
        },
      },
      batchSize: { ...count, default: 128 },
      batchesPerEpoch: { ...count, default: 250 },
    },
  },
  model: {
    type: "object",
    description: "The two networks, alike but for input and output.",
    default: {},
    properties: {
      latents: { ...count, default: 8, description: "Numbers that a point is made from." },
      hidden: { type: "array", minItems: 1, items: count, default: [128, 128, 128] },
      slopePenalty: {
        type: "number",
        minimum: 0,
        default: 4,
        description: "Weight of the penalty on the discriminator's slope at real points.",
      },
    },
  },
};

const settingsOf = (spec: ExperimentSpec): Settings => readSections(spec, sections);

async function run(context: ExperimentContext): Promise<Record<string, number | string>> {
  const { spec, run: record, resumeFrom } = context;
  const { data, model } = settingsOf(spec);
  const { seed } = spec;
  const generator = createNetwork("generator", [model.latents, ...model.hidden, 2], seed);
  const discriminator = createNetwork("discriminator", [2, ...model.hidden, 1], seed);
  try {
    const module = ganModule({
      ...model,
      generator,
      discriminator,
      ring: data.ring,
      optimizers: {
        generator: createOptimizerConfig(spec),
        discriminator: createOptimizerConfig(spec),
      },
    });
    const { batchSize, batchesPerEpoch } = data;
    const valLoader = pointLoader(data.ring, validationPoints, 1, seed + 1);
    const trainer = context.createTrainer();
    const fit = await trainer.fit(module, {
      trainLoader: pointLoader(data.ring, batchSize, batchesPerEpoch, seed),
      valLoader,
      resumeFrom,
    });
    const [batches] = await trainer.predict(module, valLoader);
    const { real } = await valLoader.batch(0, 0);
    const extent = 1.5 * data.ring.radius;
    const pictures = [real!, batches![0]!["points"]!].map(({ values }) =>
      pointsPicture(Float32Array.from(values), extent),
    );
    const grid = imageGrid([pictures], { columnLabels: ["real", "generated"] });
    writeFileAtomic(record.path("points.png"), await encodePng(grid));
    const metric = (name: string): number => fit.metrics[name] ?? Number.NaN;
    return {
      steps: fit.step,
      "val/modes": metric("val/modes"),
      "val/nearCentres": metric("val/nearCentres"),
      "val/imbalance": metric("val/imbalance"),
      points: record.path("points.png"),
    };
  } finally {
    generator.dispose();
    discriminator.dispose();
  }
}

/** Batches of `real [batch, 2]`, new points in every epoch. */
function pointLoader(ring: Ring, batchSize: number, batches: number, seed: number): DataLoader {
  return createLoader({
    dataset: {
      length: batchSize * batches,
      get: (_index, random) => ({
        real: hostTensor(Float32Array.from(drawPoint(ring, random)), [2]),
      }),
    },
    batchSize,
    seed,
  });
}

const experiment: Experiment = { name: "gan", sections, run };
export default experiment;
