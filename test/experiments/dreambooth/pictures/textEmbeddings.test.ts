import { mkdirSync, readdirSync } from "node:fs";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { textEmbeddings } from "../../../../experiments/dreambooth/pictures/textEmbeddings.ts";
import { runEagerly } from "../../../../framework/base/compile.ts";
import { hostTensor, toTensor } from "../../../../framework/base/hostTensor.ts";
import type { DataLoader } from "../../../../framework/data/dataLoader.ts";
import { ClipTextEncoder } from "../../../../framework/models/clipTextEncoder.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

const config = {
  architectures: ["CLIPTextModel"],
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 3,
  vocab_size: 20,
  eos_token_id: 19,
};

/** Batches of prompts 1, 2 and 1. */
const loader: DataLoader = {
  length: 1,
  batch: async () => ({
    latents: hostTensor(Float32Array.of(5, 6, 7), [3, 1]),
    ids: hostTensor(Int32Array.of(1, 4, 19, 2, 4, 19, 1, 4, 19), [3, 3]),
  }),
};

describe("textEmbeddings()", () => {
  const temporary = temporaryFolder();
  let textEncoder: ClipTextEncoder;
  let before: string;
  beforeEach(() => {
    textEncoder = new ClipTextEncoder(config, { seed: 1 });
    before = process.cwd();
    mkdirSync(temporary.path("work"));
    process.chdir(temporary.path("work"));
  });
  afterEach(() => {
    process.chdir(before);
    textEncoder.dispose();
  });

  /** Counts the prompts that were encoded. */
  let encoded = 0;
  const compile: typeof runEagerly = (fn) => {
    const run = runEagerly(fn);
    return Object.assign((inputs: Parameters<typeof run>[0]) => (encoded++, run(inputs)), {
      dispose() {},
    });
  };
  async function batchOf(place: "memory" | "disk" | "none", encoder = textEncoder) {
    encoded = 0;
    const embeddings = await textEmbeddings({ textEncoder: encoder, compile, place });
    const { trainLoader } = embeddings.load({ trainLoader: loader });
    const batches = [await trainLoader.batch(0, 0), await trainLoader.batch(1, 0)];
    embeddings.dispose();
    expect(batches[0]).to.deep.equal(batches[1]);
    return batches[0]!;
  }

  it("leave the ids where the encoder learns", async () => {
    expect(await batchOf("none")).to.deep.equal(await loader.batch(0, 0));
  });

  it("are what the encoder makes of the ids, which it sees once", async () => {
    const { ids } = await loader.batch(0, 0);
    const tensor = toTensor(ids!);
    const expected = textEncoder.encode(tensor);
    const { context, latents, ...others } = await batchOf("memory");
    expect(encoded, "distinct prompts of two batches").to.equal(2);
    expect(others).to.deep.equal({});
    expect(latents).to.deep.equal(hostTensor(Float32Array.of(5, 6, 7), [3, 1]));
    expect(context!.shape).to.deep.equal([3, 3, 8]);
    const values = await expected.data();
    for (const [i, value] of context!.values.entries()) {
      expect(value).to.be.closeTo(values[i]!, 1e-5);
    }
    tensor.dispose();
    expected.dispose();
  });

  it("are found on the disk by a later run, but not with other weights", async () => {
    const first = await batchOf("disk");
    expect(encoded).to.equal(2);
    expect(await batchOf("disk")).to.deep.equal(first);
    expect(encoded).to.equal(0);
    const other = new ClipTextEncoder(config, { seed: 2 });
    expect(await batchOf("disk", other)).to.not.deep.equal(first);
    expect(encoded).to.equal(2);
    other.dispose();
    expect(readdirSync(".cache/seedbed/text-embeddings").length).to.equal(2);
  });
});
