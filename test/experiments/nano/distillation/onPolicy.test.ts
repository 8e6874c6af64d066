import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  findLastCheckpoint,
  RandomStream,
  sharedParameters,
  Trainer,
  type Decoder,
  type FitResult,
  type HostBatch,
} from "seedbed";

import { modelCheckpoint } from "../../../../callbacks/modelCheckpoint.ts";
import { decoderModule } from "../../../../experiments/nano/decoderModule.ts";
import {
  onPolicyBatches,
  type OnPolicyOptions,
} from "../../../../experiments/nano/distillation/onPolicy.ts";
import type { LoraSettings } from "../../../../experiments/nano/settings/lora.ts";
import { trainedParameters } from "../../../../experiments/nano/trainedParameters.ts";
import { quiet } from "../../../support/fitToy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { adamW, dialogueLoader, endToken, padId, teacherAndStudent } from "./tinyTeaching.ts";

const lora: LoraSettings = { rank: 2, alpha: 4, targets: ["q_proj", "down_proj"], seed: null };
const settings = { share: 0.5, temperature: 1, length: 6, promptTokens: 2 };

function batchesOf(
  student: Decoder,
  changes: Partial<OnPolicyOptions> = {},
): ReturnType<typeof onPolicyBatches> {
  const own = { config: student.config, weights: async () => sharedParameters(student.parameters) };
  return onPolicyBatches({ student: own, stopTokens: [endToken], padId, ...settings, ...changes });
}

interface Fit {
  share: number;
  maxSteps: number;
  folder?: string;
  /** Trains changes of low rank alone. */
  lora?: LoraSettings;
}

/** What steps logged, and the student's parameters after them. */
async function fit({
  share,
  maxSteps,
  folder,
  lora,
}: Fit): Promise<{ result: FitResult; divergences: number[]; table: number[] }> {
  const { teacher, student } = teacherAndStudent();
  const { parameters } = student;
  const trained = trainedParameters(
    parameters,
    lora ? { adapted: parameters } : { full: parameters },
    {
      ...{ lora: lora ?? null, seed: 4, baseModel: null },
    },
  );
  const { config } = student;
  const onPolicy = batchesOf(student, { share, student: { config, weights: trained.weights } });
  const distillation = {
    divergence: "generalisedJensenShannon",
    beta: 0.5,
    teacherWeight: 0.7,
  } as const;
  const module = decoderModule({
    model: student,
    trained: trained.parameters,
    teacher,
    distillation,
    onPolicy,
    optimizerConfig: adamW(),
  });
  const divergences: number[] = [];
  const checkpointsFolder = folder;
  const trainer = new Trainer({
    ...quiet,
    seed: 9,
    maxSteps,
    ...(folder !== undefined && { checkpointsFolder }),
    callbacks: [
      ...(folder === undefined ? [] : [modelCheckpoint({ everyNTrainSteps: 3 })]),
      {
        name: "watch",
        onTrainBatchEnd: (_state, { outputs }) => void divergences.push(outputs["divergence"]!),
      },
    ],
  });
  const resumeFrom = folder === undefined ? undefined : findLastCheckpoint(folder);
  const result = await trainer.fit(module, { trainLoader: dialogueLoader(), resumeFrom });
  const table = [...trained.parameters.values()].flatMap((each) => [...each.dataSync<"float32">()]);
  trained.dispose();
  teacher.dispose();
  student.dispose();
  return { result, divergences, table };
}

describe("onPolicyBatches()", () => {
  const temporary = temporaryFolder();

  it("has the student continue the prompts in its share of the batches", async () => {
    const { teacher, student } = teacherAndStudent();
    const onPolicy = batchesOf(student);
    const batch = await dialogueLoader(2).batch(0, 0);
    const prepared = (position: number): Promise<HostBatch> =>
      onPolicy.prepare(batch, new RandomStream(1, "batch/train", position));
    const all: HostBatch[] = [];
    for (let i = 0; i < 40; i++) all.push(await prepared(i));
    const isOwn = (each: HostBatch): boolean => each["ids"] !== batch["ids"];
    const own = all.filter(isOwn);
    expect(own.length).to.be.within(12, 28);
    for (const { labels, compared } of own) {
      expect(labels!.values.every((label) => label === -100)).to.equal(true);
      expect(compared!.values.some((label) => label !== -100)).to.equal(true);
    }
    for (const each of all.filter((one) => !isOwn(one)))
      expect(each["compared"]).to.equal(batch["labels"]);
    const texts = new Set(own.map(({ ids }) => ids!.values.join()));
    expect(texts.size).to.equal(own.length);
    const again = await prepared(all.findIndex(isOwn));
    expect(again["ids"]!.values).to.deep.equal(own[0]!["ids"]!.values);
    await onPolicy.dispose();
    student.dispose();
    teacher.dispose();
  });

  it("brings the student closer to its teacher on its own words alone", async () => {
    const { divergences } = await fit({ share: 1, maxSteps: 60 });
    const mean = (values: readonly number[]): number =>
      values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(divergences.slice(-10))).to.be.below(0.7 * mean(divergences.slice(0, 10)));
  });

  it("has the student say what it would with changes of low rank beside its weights", async () => {
    const { teacher, student } = teacherAndStudent();
    teacher.dispose();
    const { config, parameters } = student;
    const { weights, ...trained } = trainedParameters(
      parameters,
      { adapted: parameters },
      { lora, seed: 4, baseModel: null },
    );
    const onPolicy = batchesOf(student, { share: 1, student: { config, weights } });
    const batch = await dialogueLoader(2).batch(0, 0);
    const said = async (batches: typeof onPolicy): Promise<string> => {
      const { ids } = await batches.prepare(batch, new RandomStream(1, "batch/train"));
      return ids!.values.join();
    };
    const plain = await said(onPolicy);
    for (const [name, factor] of trained.parameters) {
      if (name.endsWith("lora_B.weight")) tf.tidy(() => factor.assign(tf.onesLike(factor)));
    }
    const changed = await said(onPolicy);
    expect(changed).to.not.equal(plain);
    await trained.finish(temporary.path("adapter"));
    const merged = batchesOf(student, { share: 1 });
    expect(await said(merged), "as the merged model does").to.equal(changed);
    await onPolicy.dispose();
    await merged.dispose();
    student.dispose();
  });

  it("goes on after an interruption with the same bits, in full and by changes of low rank", async () => {
    for (const each of [{}, { lora }]) {
      const whole = await fit({ share: 1, maxSteps: 8, ...each });
      const folder = temporary.path(`checkpoints-${Object.keys(each).length}`);
      await fit({ share: 1, maxSteps: 5, folder, ...each });
      const rest = await fit({ share: 1, maxSteps: 8, folder, ...each });
      expect(rest.divergences).to.have.length(3);
      expect(rest.divergences).to.deep.equal(whole.divergences.slice(5));
      expect(rest.table).to.deep.equal(whole.table);
    }
  });
});
