import { readdirSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readLearnedEmbeddings } from "../../../framework/adapters/learnedEmbeddings.ts";
import { readLora } from "../../../framework/adapters/loraFile.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { hostTensor, type HostTensor } from "../../../framework/base/hostTensor.ts";
import { adapterFiles, exportAdapters } from "../../../framework/export/exportAdapters.ts";
import { exportFolder } from "../../../framework/export/exportPipeline.ts";
import { findExportSource } from "../../../framework/export/exportSource.ts";
import { loadForExport } from "../../../framework/export/loadForExport.ts";
import { restoreAdapters } from "../../../framework/export/restorePipeline.ts";
import { loadPipeline } from "../../../framework/pipelines/loadPipeline.ts";
import {
  disposePipeline,
  type PipelineComponents,
} from "../../../framework/pipelines/pipelineComponents.ts";
import { storedRun } from "../../support/storedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const model = path.resolve("test/fixtures/stable-diffusion/tiny-sd-a");
const layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
const rows = "text_model.embeddings.token_embedding.weight";

/** Of rank 1, so that the change is `up x down` times alpha. */
const lora = {
  [`${layer}.lora_A.weight`]: hostTensor(new Float32Array(64).fill(0.5), [1, 64]),
  [`${layer}.lora_B.weight`]: hostTensor(new Float32Array(64).fill(0.25), [64, 1]),
};
const vectors = Float32Array.from({ length: 64 }, (_, i) => i);
const tokens = { "tokens.<cat>": hostTensor(vectors, [2, 32]) };

describe("a run that trained adapters", () => {
  const folder = temporaryFolder();

  async function source(tensors: Record<string, HostTensor>, alpha?: number) {
    const section = { folder: model, ...(alpha !== undefined && { lora: { alpha } }) };
    const run = storedRun(folder.path("runs"), { model: section, parameters: {}, tensors });
    return findExportSource(run.folder, { runsFolder: folder.path("runs") });
  }

  const toQuery = ({ unet }: PipelineComponents): Float32Array =>
    unet.model.parameters
      .get("mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight")!
      .dataSync<"float32">();

  for (const { alpha, change } of [
    { alpha: undefined, change: 0.125 },
    { alpha: 3, change: 0.375 },
  ]) {
    it(`exports a pipeline with LoRA of alpha ${alpha ?? "rank"} in its weights`, async () => {
      const plain = loadPipeline(model);
      const before = toQuery(plain);
      const { components } = loadForExport(await source(lora, alpha));
      const after = toQuery(components);
      expect(after[0]! - before[0]!).to.be.closeTo(change, 1e-6);
      expect(after.at(-1)! - before.at(-1)!).to.be.closeTo(change, 1e-6);
      disposePipeline(plain);
      disposePipeline(components);
    });
  }

  it("exports a pipeline that knows the token, by all of its vectors", async () => {
    const { components } = loadForExport(await source(tokens));
    const out = folder.path("out");
    exportFolder(out, components, "float32");
    const known = components.tokenizer.textIds("a <cat>");
    disposePipeline(components);
    const written = loadPipeline(out);
    const { tokenizer, textEncoder } = written;
    const first = textEncoder.model.config.vocab_size - 2;
    expect(tokenizer.textIds("a <cat> <cat>_1")).to.deep.equal(known);
    expect(known.slice(-2)).to.deep.equal([first, first + 1]);
    const table = textEncoder.model.parameters.get(rows)!.dataSync<"float32">();
    expect(table.slice(-64)).to.deep.equal(vectors);
    disposePipeline(written);
  });

  it("leaves tokens out for programs without its tokenizer", async () => {
    const { components } = loadForExport(await source(tokens), { withoutTokens: true });
    expect(components.tokenizer.idOf("<cat>")).to.equal(undefined);
    const { shape } = components.textEncoder.model.parameters.get(rows)!;
    expect(shape).to.deep.equal([components.textEncoder.model.config.vocab_size, 32]);
    disposePipeline(components);
  });

  it("gives the adapters themselves, as files of diffusers", async () => {
    const { checkpoint, loraAlpha } = await source({ ...lora, ...tokens }, 3);
    const { adapters, taken } = restoreAdapters(checkpoint!, { loraAlpha });
    const out = folder.path("out");
    exportAdapters(out, adapters, "float32");
    expect(taken).to.equal("raw");
    expect(readdirSync(out)).to.have.members(Object.values(adapterFiles));
    const stored = readLora(path.join(out, adapterFiles.lora)).get(layer)!;
    expect(stored.alpha).to.equal(3);
    expect(stored.up.values[0]).to.equal(0.25);
    const { values } = readLearnedEmbeddings(path.join(out, adapterFiles.tokens)).get("<cat>")!;
    expect(values).to.deep.equal(vectors);
  });

  it("is refused where it has none, or they are of another model", async () => {
    const { checkpoint } = await source({
      "unet.conv_out.bias": hostTensor(new Float32Array(4), [4]),
    });
    const { adapters } = restoreAdapters(checkpoint!);
    expect(() => exportAdapters(folder.path("out"), adapters, "float32")).to.throw(
      InputError,
      "expected a run that trained LoRA or tokens, got neither",
    );
    const other = await source({ "tokens.<cat>": hostTensor(new Float32Array(3), [1, 3]) });
    expect(() => loadForExport(other)).to.throw(
      InputError,
      "expected vectors [count, 32], got [1, 3]",
    );
    expect(readdirSync(folder.path())).to.deep.equal(["runs"]);
  });
});
