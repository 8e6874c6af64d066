import { expect } from "chai";
import { describe, it } from "mocha";
import { tokenDocuments } from "seedbed";

import type { NanoData } from "../../../experiments/nano/data/buildNanoData.ts";
import { settingsOf } from "../../../experiments/nano/settings.ts";
import { trainingLoaders } from "../../../experiments/nano/trainingLoaders.ts";
import { runEagerly } from "../../../framework/base/compile.ts";
import { loadExperimentSpec } from "../../../framework/cli/loadExperimentSpec.ts";
import { tokenizer } from "./letterTokenizer.ts";

/** One document of 10 tokens: with rows of 4 its rests are two rows more. */
const documents = tokenDocuments([{ ids: Array.from({ length: 10 }, (_, i) => 20 + i) }]);

describe("trainingLoaders()", () => {
  const split = { train: documents, validation: documents, test: documents };
  const data: NanoData = {
    ...{ folder: "", tokenizer, prose: split, chat: split },
    manifest: {
      ...{ key: "", seed: 0, scale: 1, vocabularySize: tokenizer.vocabularySize },
      ...{ packages: {}, counts: [], files: {} },
    },
    pictures: { train: [], validation: [], test: [] },
    evaluation: {
      questions: { validation: [], test: [] },
      calls: { validation: [], test: [] },
    },
  };

  /** Batches of training and of validation. */
  async function batchesOf(set: string): Promise<number[]> {
    const { spec } = await loadExperimentSpec("configs/nano/1-teacher.yaml", [
      ...[`data.set=${set}`, "data.length=4", "data.batchSize=1", "data.mixture={}"],
    ]);
    const { signal } = new AbortController();
    const context = { spec, signal, print() {}, compile: runEagerly };
    const { trainLoader, valLoader } = await trainingLoaders(settingsOf(spec), data, context);
    return [trainLoader.length, valLoader.length];
  }

  it("have all of longer prose, and of longer dialogues the beginning", async () => {
    expect(await batchesOf("prose")).to.deep.equal([3, 3]);
    expect(await batchesOf("chat")).to.deep.equal([1, 1]);
  });
});
