import { expect } from "chai";
import { describe, it } from "mocha";
import {
  findLastCheckpoint,
  RandomStream,
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
import { quiet } from "../../../support/fitToy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { adamW, dialogueLoader, endToken, padId, teacherAndStudent } from "./tinyTeaching.ts";

const settings = { share: 0.5, temperature: 1, length: 6, promptTokens: 2 };

function batchesOf(
  student: Decoder,
  changes: Partial<OnPolicyOptions> = {},
): ReturnType<typeof onPolicyBatches> {
  return onPolicyBatches({ student, stopTokens: [endToken], padId, ...settings, ...changes });
}

interface Fit {
  share: number;
  maxSteps: number;
  folder?: string;
}

/** What steps logged, and the student's parameters after them. */
async function fit({
  share,
  maxSteps,
  folder,
}: Fit): Promise<{ result: FitResult; divergences: number[]; table: number[] }> {
  const { teacher, student } = teacherAndStudent();
  const onPolicy = batchesOf(student, { share });
  const distillation = {
    divergence: "generalisedJensenShannon",
    beta: 0.5,
    teacherWeight: 0.7,
  } as const;
  const module = decoderModule({
    model: student,
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
  const table = [...student.parameters.values()].flatMap((each) => [...each.dataSync<"float32">()]);
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

  it("goes on after an interruption with the same bits", async () => {
    const whole = await fit({ share: 1, maxSteps: 8 });
    const folder = temporary.path("checkpoints");
    await fit({ share: 1, maxSteps: 5, folder });
    const rest = await fit({ share: 1, maxSteps: 8, folder });
    expect(rest.divergences).to.have.length(3);
    expect(rest.divergences).to.deep.equal(whole.divergences.slice(5));
    expect(rest.table).to.deep.equal(whole.table);
  });
});
