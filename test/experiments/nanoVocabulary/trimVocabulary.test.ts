import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import {
  Decoder,
  documentAt,
  loadTokenizer,
  readParameters,
  type DecoderWeights,
  type TokenDocuments,
  type Tokenizer,
} from "seedbed";

import { buildNanoData, type NanoData } from "../../../experiments/nano/data/buildNanoData.ts";
import type { NanoDataOptions } from "../../../experiments/nano/data/nanoSettings.ts";
import { bitsPerByte, type EncodedTest } from "../../../experiments/nanoVocabulary/bitsPerByte.ts";
import { trimVocabulary } from "../../../experiments/nanoVocabulary/trimVocabulary.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { groupedConfig } from "../nano/tinyDecoders.ts";

const options = { scale: 0.005, vocabularySize: 600 } as const;
const { signal } = new AbortController();
const measured = { set: "chat", length: 64, documents: 20, signal } as const;

describe("trimVocabulary()", () => {
  let cacheFolder: string;
  const temporary = temporaryFolder();
  let data: NanoData;
  let weights: DecoderWeights;

  const build = (own: NanoDataOptions): Promise<NanoData> =>
    buildNanoData({
      ...{ ...options, sources: ["countries"], ...own },
      cacheFolder,
    });

  after(() => rmSync(cacheFolder, { recursive: true }));
  before(async () => {
    cacheFolder = mkdtempSync(path.join(tmpdir(), "nano-"));
    const more = await build({ sources: ["countries", "rules"] });
    data = await build({ tokenizer: path.join(more.folder, "tokenizer") });
    const config = { ...groupedConfig, vocab_size: 600, max_position_embeddings: 64 };
    const model = new Decoder(config, { seed: 3 });
    weights = { config, tensors: await readParameters(model.parameters) };
    model.dispose();
  });

  /** The data as a trimmed model's tokenizer writes them. */
  async function retold(size: number) {
    const trimmed = trimVocabulary(weights, data, "chat", size);
    const folder = temporary.path(`model-${size}`);
    trimmed.writeTokenizer(folder);
    const again = await build({ tokenizer: folder });
    return { trimmed, data: again, tokenizer: loadTokenizer(folder) };
  }

  const textsOf = (documents: TokenDocuments, tokenizer: Tokenizer): string[] =>
    Array.from(documents.ends, (_, i) =>
      tokenizer.decode(Array.from(documentAt(documents, i).ids), { keepSpecialTokens: true }),
    );

  /** Training's texts in place of the test's, which may have other entries. */
  const asTest = ({ tokenizer, chat: { train } }: NanoData): EncodedTest => ({
    tokenizer,
    chat: { test: train },
    prose: { test: train },
  });

  it("leaves out what training does not use; texts stay as long, and likelier", async () => {
    const { trimmed, data: again } = await retold(599);
    expect(trimmed.kept.length).to.be.below(599);
    expect(trimmed.parametersBefore - trimmed.parameters).to.equal(
      (600 - trimmed.kept.length) * 16,
    );
    const { ids } = data.chat.train;
    expect(Array.from(again.chat.train.ids, (id) => trimmed.kept[id])).to.deep.equal([...ids]);
    const whole = await bitsPerByte(weights, asTest(data), measured);
    const bits = await bitsPerByte(trimmed.weights, asTest(again), measured);
    expect(bits)
      .to.be.below(whole)
      .and.above(0.9 * whole);
  });

  it("writes texts with more tokens where entries are missing, and the same texts", async () => {
    const { trimmed, data: again, tokenizer } = await retold(300);
    expect(trimmed.kept.length).to.equal(300);
    expect(trimmed.weights.config["vocab_size"]).to.equal(300);
    expect(again.chat.test.ids.length).to.be.above(data.chat.test.ids.length);
    expect(textsOf(again.chat.test, tokenizer)).to.deep.equal(
      textsOf(data.chat.test, data.tokenizer),
    );
    expect(again.evaluation).to.deep.equal(data.evaluation);
  });
});
