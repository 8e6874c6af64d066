import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { checkTeaching, logitsFolder } from "../../../../experiments/nano/distillation/teaching.ts";
import { settingsOf } from "../../../../experiments/nano/settings.ts";
import { loadExperimentSpec } from "../../../../framework/cli/loadExperimentSpec.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { dialogues } from "./tinyTeaching.ts";

/** Checks a variant's spec with these overrides. */
async function check(variant: string, ...overrides: string[]): Promise<void> {
  const { spec } = await loadExperimentSpec(`configs/nano/variants/${variant}.yaml`, overrides);
  checkTeaching(settingsOf(spec));
}

async function refusal(variant: string, ...overrides: string[]): Promise<string> {
  try {
    await check(variant, ...overrides);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return "";
}

describe("checkTeaching()", () => {
  it("takes every divergence and variant from a spec", async () => {
    for (const name of ["forwardKl", "reverseKl", "generalisedJensenShannon"]) {
      await check("on-policy", `distillation.divergence=${name}`, "distillation.beta=0.1");
    }
    for (const variant of ["reverse-kl", "sequence-level", "top-k"]) await check(variant);
    for (const variant of ["on-policy", "reverse-kl", "sequence-level", "top-k"]) {
      await check(variant, "lora={}");
    }
  });

  it("refuses variants that lack what they need, or exclude each other", async () => {
    const noTeacher = "distillation.teacher=null";
    expect(await refusal("on-policy", noTeacher)).to.match(/expected distillation.teacher and/);
    expect(await refusal("on-policy", "distillation.teacherWeight=0")).to.match(
      /a teacherWeight above 0/,
    );
    expect(await refusal("reverse-kl", "loss.promptWeight=0.1")).to.match(
      /Cannot weigh prompts beside a teacher: expected loss.promptWeight 0/,
    );
    expect(await refusal("top-k", noTeacher)).to.match(/Cannot store a teacher's logits: expected/);
    expect(await refusal("top-k", "distillation.topK=null")).to.match(/and topK, how many/);
    expect(await refusal("top-k", "distillation.onPolicy.share=0.5")).to.match(
      /expected logits: live/,
    );
    expect(await refusal("top-k", "data.vocabularySize=70000")).to.match(
      /at most 65536, got 70000/,
    );
    expect(await refusal("sequence-level", noTeacher)).to.match(/expected distillation.teacher$/);
  });
});

describe("logitsFolder()", () => {
  const temporary = temporaryFolder();

  it("is another for other rows: of longer texts the rests are read, of dialogues not", () => {
    const teacher = temporary.path();
    writeFileSync(temporary.path("model.safetensors"), "weights");
    const folder = (data: { set: "prose" | "chat"; length: number }, topK = 4): string =>
      logitsFolder(teacher, dialogues, data, topK);
    const chat = folder({ set: "chat", length: 4 });
    expect(folder({ set: "chat", length: 4 })).to.equal(chat);
    const others = [
      folder({ set: "prose", length: 4 }),
      folder({ set: "chat", length: 8 }),
      folder({ set: "chat", length: 4 }, 2),
    ];
    expect(new Set([chat, ...others]).size).to.equal(4);
  });
});
