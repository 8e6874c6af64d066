import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import {
  buildNanoData,
  summaryTable,
  type NanoData,
} from "../../../../experiments/nano/data/buildNanoData.ts";
import { packedLoader } from "../../../../experiments/nano/data/loaders.ts";
import { splits } from "../../../../experiments/nano/data/split.ts";
import { documentAt } from "../../../../framework/data/tokenDocuments.ts";

const options = {
  scale: 0.005,
  vocabularySize: 600,
  sources: ["countries", "rules", "tools", "drawn"],
} as const;

describe("buildNanoData()", () => {
  let cacheFolder: string;
  let data: NanoData;

  before(async () => {
    cacheFolder = mkdtempSync(path.join(tmpdir(), "nano-"));
    data = await buildNanoData({ ...options, cacheFolder });
  });
  after(() => rmSync(cacheFolder, { recursive: true }));

  it("builds the same again, and reads what is built already", async () => {
    const other = mkdtempSync(path.join(tmpdir(), "nano-"));
    const again = await buildNanoData({ ...options, cacheFolder: other });
    rmSync(other, { recursive: true });
    expect(again.manifest).to.deep.equal(data.manifest);
    const file = path.join(data.folder, "chat-train.ids");
    const { mtimeMs } = statSync(file);
    expect(await buildNanoData({ ...options, cacheFolder })).to.deep.include({
      manifest: data.manifest,
    });
    expect(statSync(file).mtimeMs).to.equal(mtimeMs);
  });

  it("builds other data for another seed, in another folder", async () => {
    const other = await buildNanoData({ ...options, seed: 1, cacheFolder });
    expect(other.manifest.files["chat-train.ids"]).to.not.equal(
      data.manifest.files["chat-train.ids"],
    );
    expect(readdirSync(cacheFolder).length).to.equal(2);
  });

  for (const [source, count] of [
    ["invented", 75],
    ["echoes", 150],
  ] as const) {
    it(`has ${source} where they are asked for, in training alone`, async () => {
      const built = await buildNanoData({ ...options, sources: [source], cacheFolder });
      expect(
        built.manifest.counts.map(({ split, documents, ...each }) => [
          ...[split, each.source, documents],
        ]),
      ).to.deep.equal([["train", source, count]]);
      rmSync(built.folder, { recursive: true });
    });
  }

  it("builds anew what was damaged", async () => {
    writeFileSync(path.join(data.folder, "chat-test.ids"), "");
    const mended = await buildNanoData({ ...options, cacheFolder });
    expect(mended.chat.test).to.deep.equal(data.chat.test);
  });

  it("has a vocabulary of the size that was asked for", () => {
    expect(data.tokenizer.vocabularySize).to.equal(600);
    expect(data.tokenizer.idOf("<|endoftext|>")).to.equal(0);
    expect(data.tokenizer.textIds("<image>")).to.deep.equal([3]);
  });

  it("marks what the assistant says, with the end of each of its turns", () => {
    const { chat, tokenizer } = data;
    for (let document = 0; document < Math.min(60, chat.train.ends.length); document++) {
      const { ids, learnt } = documentAt(chat.train, document);
      const whole = tokenizer.decode(Array.from(ids));
      const said = tokenizer.decode(Array.from(ids).filter((_, i) => learnt[i] === 1));
      const turns = whole.split(/^(?=(?:system|user|assistant)\n)/m);
      const expected = turns.filter((turn) => turn.startsWith("assistant\n"));
      expect(said).to.equal(
        expected.map((turn) => turn.slice("assistant\n".length).trimEnd()).join(""),
      );
    }
  });

  it("counts documents and tokens of each source", () => {
    const { counts } = data.manifest;
    for (const split of splits) {
      const tokens = counts
        .filter((each) => each.set === "chat" && each.split === split)
        .reduce((sum, each) => sum + each.tokens, 0);
      expect(tokens, split).to.equal(data.chat[split].ids.length);
    }
    expect(summaryTable(data.manifest)[0]).to.match(
      /^set +split +source +documents +tokens +learnt$/,
    );
    expect(counts.map(({ source }) => source)).to.include.members([
      "countries",
      "rules",
      "tools",
      "toolsHeldOut",
    ]);
  });

  it("refuses a scale above 1", async () => {
    const error: unknown = await buildNanoData({ scale: 2 }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(RangeError);
  });

  it("gives packed batches", async () => {
    const loader = packedLoader(data.chat.train, data.tokenizer, {
      length: 512,
      batchSize: 2,
      seed: 0,
    });
    const batch = await loader.batch(0, 0);
    expect(Object.keys(batch)).to.deep.equal(["ids", "labels", "documents", "positions"]);
    for (const { shape } of Object.values(batch)) expect(shape).to.deep.equal([2, 512]);
  });
});
