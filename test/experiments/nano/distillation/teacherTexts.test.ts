import { readdirSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import {
  DecodeEngine,
  createLoader,
  documentAt,
  packedDataset,
  Trainer,
  readDecoderConfig,
  saveModel,
  sharedParameters,
  type TokenDocuments,
} from "seedbed";

import { decoderModule } from "../../../../experiments/nano/decoderModule.ts";
import { teacherKey } from "../../../../experiments/nano/distillation/partFiles.ts";
import {
  answerPrompts,
  teacherTexts,
  type TeacherTextOptions,
} from "../../../../experiments/nano/distillation/teacherTexts.ts";
import { errorOf } from "../../../support/compiled.ts";
import { quiet } from "../../../support/fitToy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import {
  adamW,
  dialogues,
  padId,
  rowLength,
  teacherAndStudent,
  tinyConfig,
} from "./tinyTeaching.ts";

const texts = (documents: TokenDocuments): { ids: number[]; learnt: number[] }[] =>
  Array.from(documents.ends, (_, i) => documentAt(documents, i)).map(({ ids, learnt }) => ({
    ids: Array.from(ids),
    learnt: Array.from(learnt),
  }));

describe("teacherTexts()", () => {
  const temporary = temporaryFolder();
  const settings = { beams: 1, length: 12, limit: null, promptTokens: 3 };
  /** The tokens that the teacher says most, so that answers end. */
  let stopTokens: number[];
  let options: TeacherTextOptions;

  beforeEach(async () => {
    const { teacher, student } = teacherAndStudent();
    const folder = temporary.path("teacher");
    await saveModel(folder, teacher, tinyConfig);
    const said = await greedily(
      new DecodeEngine({
        config: readDecoderConfig(tinyConfig),
        weights: sharedParameters(teacher.parameters),
      }),
      [1, 2, 9],
    );
    stopTokens = [said[2]!, said[3]!];
    options = {
      ...settings,
      teacher: folder,
      documents: dialogues,
      stopTokens,
      folder: temporary.path("texts"),
    };
    teacher.dispose();
    student.dispose();
  });

  async function greedily(engine: DecodeEngine, prompt: number[]): Promise<number[]> {
    const said: number[] = [];
    let logits = await engine.prefill(0, prompt);
    while (said.length < settings.length) {
      said.push(logits.indexOf(Math.max(...logits)));
      logits = await engine.prefill(0, said.slice(-1));
    }
    await engine.dispose();
    return said;
  }

  it("finds the prompts of all that is learnt", () => {
    const prompts = answerPrompts(dialogues, 3);
    expect(prompts).to.deep.equal([
      ...[1, 3, 5, 7].map((first) => [first, first + 1, 9]),
      [2, 4, 6],
    ]);
  });

  it("gives each prompt with the teacher's answer, which alone is learnt", async () => {
    const made = texts(await teacherTexts(options));
    expect(made.length).to.be.within(1, 5);
    const asked = made.find(({ ids }) => ids.slice(0, 3).join() === "1,2,9")!;
    const { teacher, student } = teacherAndStudent();
    const said = await greedily(
      new DecodeEngine({
        config: readDecoderConfig(tinyConfig),
        weights: sharedParameters(teacher.parameters),
      }),
      [1, 2, 9],
    );
    const end = said.findIndex((token) => stopTokens.includes(token));
    expect(asked.ids.slice(3)).to.deep.equal(said.slice(0, end + 1));
    for (const { ids, learnt } of made) {
      expect(learnt).to.deep.equal(ids.map((_, i) => Number(i >= 3)));
      expect(stopTokens).to.include(ids.at(-1));
    }
    teacher.dispose();
    student.dispose();
  });

  it("reads the answers that it has", async () => {
    const first = texts(await teacherTexts(options));
    const other = texts(await teacherTexts({ ...options, stopTokens: [0] }));
    expect(other).to.deep.equal(first);
    expect(readdirSync(options.folder)).to.deep.equal(["part-00000"]);
  });

  it("takes as many answers as it is asked for", async () => {
    const all = texts(await teacherTexts(options));
    const limited = { ...options, limit: 4, folder: temporary.path("limited") };
    const some = texts(await teacherTexts(limited));
    expect(some.length).to.be.within(1, 4);
    expect(all).to.include.deep.members(some);
  });

  it("gives texts that a student learns to say", async () => {
    const { teacher, student } = teacherAndStudent();
    teacher.dispose();
    const dataset = packedDataset(await teacherTexts(options), { length: rowLength, padId });
    const loader = createLoader({ dataset, batchSize: 1, seed: 1 });
    const module = decoderModule({ model: student, optimizerConfig: adamW() });
    const lossAfter = async (maxSteps: number): Promise<number> => {
      const trainer = new Trainer({ ...quiet, maxSteps });
      const { metrics } = await trainer.fit(module, { trainLoader: loader, valLoader: loader });
      return metrics["val/loss"]!;
    };
    expect(await lossAfter(1)).to.be.above(1.5);
    expect(await lossAfter(40)).to.be.below(0.5);
    student.dispose();
  });

  it("searches answers that are likelier with beams", async () => {
    const made = texts(
      await teacherTexts({ ...options, beams: 3, folder: temporary.path("beams") }),
    );
    expect(made.length).to.be.above(0);
    for (const { ids } of made) expect(stopTokens).to.include(ids.at(-1));
  });

  it("says so when no answer ends", async () => {
    const endless = { ...options, length: 1, stopTokens: [], folder: temporary.path("endless") };
    expect((await errorOf(teacherTexts(endless))).message).to.equal(
      "Cannot learn a teacher's texts: none of its 5 answers ended; give a larger length",
    );
  });
});

describe("teacherKey()", () => {
  const temporary = temporaryFolder();

  it("changes with the teacher, the documents and the settings", async () => {
    const { teacher, student } = teacherAndStudent();
    await saveModel(temporary.path("one"), teacher, tinyConfig);
    await saveModel(temporary.path("two"), student, { ...tinyConfig, num_hidden_layers: 1 });
    teacher.dispose();
    student.dispose();
    const other = { ...dialogues, learnt: dialogues.learnt.map((each) => 1 - each) };
    const keys = [
      teacherKey(temporary.path("one"), dialogues, { beams: 1 }),
      teacherKey(temporary.path("two"), dialogues, { beams: 1 }),
      teacherKey(temporary.path("one"), other, { beams: 1 }),
      teacherKey(temporary.path("one"), dialogues, { beams: 2 }),
    ];
    expect(new Set(keys).size).to.equal(4);
    expect(teacherKey(temporary.path("one"), dialogues, { beams: 1 })).to.equal(keys[0]);
  });

  it("changes with the weights that are read, whatever format they are in, and no others", () => {
    const keyOf = (files: Readonly<Record<string, string>>): string => {
      temporary.write({ "older/config.json": "{}", ...files });
      return teacherKey(temporary.path("older"), dialogues, {});
    };
    const first = keyOf({ "older/pytorch_model.bin": "weights" });
    expect(keyOf({ "older/quantized.safetensors": "codes" })).to.equal(first);
    expect(keyOf({ "older/pytorch_model.bin": "others" })).to.not.equal(first);
  });
});
