import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createLoader, packedDataset, toTensors, Trainer, type Dataset } from "seedbed";

import { decoderModule } from "../../../../experiments/nano/decoderModule.ts";
import {
  withStoredLogits,
  type StoredLogitsOptions,
} from "../../../../experiments/nano/distillation/storedLogits.ts";
import { runEagerly } from "../../../../framework/base/compile.ts";
import { errorOf } from "../../../support/compiled.ts";
import { quiet } from "../../../support/fitToy.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { adamW, dialogues, padId, rowLength, teacherAndStudent } from "./tinyTeaching.ts";

const k = 4;
const rows = packedDataset(dialogues, { length: rowLength, padId });
const context = { loaderIndex: 0, log() {}, logDict() {} };

/** 70 rows, so that there are two files. */
const many: Dataset = { length: 70, get: (index, random) => rows.get(index % rows.length, random) };

describe("withStoredLogits()", () => {
  const temporary = temporaryFolder();
  const storing = (folder: string): StoredLogitsOptions => ({
    ...{ dataset: many, k, compile: runEagerly },
    folder: temporary.path(folder),
  });

  it("gives the loss and gradients of a teacher that runs beside its student", async () => {
    const { teacher, student } = teacherAndStudent();
    const stored = await withStoredLogits(onlyTeacher, storing("loss"));
    const distillation = {
      divergence: "forwardKl",
      temperature: 2,
      teacherWeight: 0.7,
      topK: k,
    } as const;
    const options = { model: student, distillation, optimizerConfig: adamW() };
    const stepsOf = {
      live: decoderModule({ ...options, teacher }),
      stored: decoderModule(options),
    };
    const outputs: number[][] = [];
    for (const [name, module] of Object.entries(stepsOf)) {
      const dataset = name === "live" ? many : stored;
      const batch = toTensors(await createLoader({ dataset, batchSize: 8, seed: 1 }).batch(0, 3));
      const { value, grads } = tf.variableGrads(
        () => module.trainingStep(batch, context).loss,
        [...student.parameters.values()],
      );
      const all = [value, ...Object.values(grads)].flatMap((each) => [
        ...each.dataSync<"float32">(),
      ]);
      outputs.push(all);
      tf.dispose([batch, value, grads]);
    }
    expect(outputs[1]).to.deep.equal(outputs[0]);
    expect(outputs[0]![0]).to.be.above(0.1);
    teacher.dispose();
    student.dispose();
  });

  it("teaches without a teacher", async () => {
    const { teacher, student } = teacherAndStudent();
    teacher.dispose();
    const dataset = await withStoredLogits(onlyTeacher, storing("loss"));
    const module = decoderModule({
      model: student,
      distillation: { teacherWeight: 1 },
      optimizerConfig: adamW(),
    });
    const divergences: number[] = [];
    const watch = {
      name: "watch",
      onTrainBatchEnd: (_: unknown, { outputs }: { outputs: Readonly<Record<string, number>> }) =>
        void divergences.push(outputs["divergence"]!),
    };
    await new Trainer({ ...quiet, maxSteps: 40, callbacks: [watch] }).fit(module, {
      trainLoader: createLoader({ dataset, batchSize: 2, seed: 1 }),
    });
    expect(divergences.at(-1)).to.be.below(0.3 * divergences[0]!);
    student.dispose();
  });

  it("asks the teacher once, and goes on where it was stopped", async () => {
    const options = storing("parts");
    let asked = 0;
    const teacher = () => {
      asked++;
      return onlyTeacher();
    };
    const controller = new AbortController();
    const stopping: Dataset = {
      length: many.length,
      get(index, random) {
        if (asked > 0 && index === 60) controller.abort(new Error("stopped"));
        return many.get(index, random);
      },
    };
    const stopped = withStoredLogits(teacher, {
      ...options,
      dataset: stopping,
      signal: controller.signal,
    });
    expect((await errorOf(stopped)).message).to.equal("stopped");
    const [first, ...others] = readdirSync(options.folder);
    expect(others).to.deep.equal([]);
    const made = statSync(path.join(options.folder, first!)).mtimeMs;
    await withStoredLogits(teacher, options);
    await withStoredLogits(teacher, options);
    expect(asked).to.equal(2);
    expect(statSync(path.join(options.folder, first!)).mtimeMs).to.equal(made);
    const whole = storing("whole");
    await withStoredLogits(onlyTeacher, whole);
    for (const name of readdirSync(whole.folder)) {
      const [a, b] = [whole, options].map(({ folder }) => readFileSync(path.join(folder, name)));
      expect(a!.equals(b!), name).to.equal(true);
    }
    expect(readdirSync(options.folder)).to.have.length(2);
  });

  it("refuses a file that lost its end", async () => {
    const options = storing("broken");
    await withStoredLogits(onlyTeacher, options);
    const file = path.join(options.folder, "part-00001");
    truncateSync(file, 12);
    const broken = withStoredLogits(onlyTeacher, options);
    expect((await errorOf(broken)).message).to.match(
      /part-00001 .*: expected \d+ bytes, got 12; delete the folder/,
    );
  });
});

function onlyTeacher(): ReturnType<typeof teacherAndStudent>["teacher"] {
  const { teacher, student } = teacherAndStudent();
  student.dispose();
  return teacher;
}
