import { cpSync, rmSync } from "node:fs";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { readClipFolder } from "../../../framework/weights/clipFolder.ts";
import { fetchModel } from "../../../framework/weights/fetchModel.ts";
import { readModelFolder } from "../../../framework/weights/modelFolder.ts";
import { readPipelineFolder } from "../../../framework/weights/pipelineFolder.ts";
import { readSafetensors, writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { hubCommit, startHubServer, type HubServer } from "../../support/hubServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejection } from "../data/rejection.ts";

const published = "test/fixtures/stable-diffusion/tiny-sd-a";
const source = "hf:owner/tiny";

describe("fetchModel()", () => {
  const folder = temporaryFolder();
  let server: HubServer;

  beforeEach(async () => {
    cpSync(published, folder.path("model"), { recursive: true });
    folder.write({ "model/README.md": "", "model/v1.ckpt": "", "model/unet/other.bin": "" });
    server = await startHubServer(folder.path("model"));
  });

  afterEach(() => server.close());

  const options = (): { hubUrl: string; cacheFolder: string } => ({
    hubUrl: server.url,
    cacheFolder: folder.path("cache"),
  });

  it("gives folders and files back", async () => {
    expect(await fetchModel("models/dog")).to.equal("models/dog");
  });

  it("downloads settings, tokenizer and weights, once", async () => {
    const lines: string[] = [];
    const print = (line: string): number => lines.push(line);
    const fetched = await fetchModel(source, { ...options(), print });
    expect(fetched).to.equal(folder.path("cache", "models--owner--tiny", "snapshots", hubCommit));
    expect(readPipelineFolder(fetched).unet.config["cross_attention_dim"]).to.equal(32);
    expect(server.downloads.toSorted()).to.deep.equal([
      "model_index.json",
      "scheduler/scheduler_config.json",
      "text_encoder/config.json",
      "text_encoder/model.safetensors",
      "tokenizer/merges.txt",
      "tokenizer/special_tokens_map.json",
      "tokenizer/tokenizer_config.json",
      "tokenizer/vocab.json",
      "unet/config.json",
      "unet/diffusion_pytorch_model.safetensors",
      "vae/config.json",
      "vae/diffusion_pytorch_model.safetensors",
    ]);
    expect(lines).to.include(`${source}: model_index.json`);
    await fetchModel(source, options());
    expect(server.downloads).to.have.length(12);
  });

  it("downloads what a CLIP has in its folder, and nothing of other formats", async () => {
    rmSync(folder.path("model"), { recursive: true });
    cpSync("test/fixtures/clip", folder.path("model"), { recursive: true });
    folder.write({ "model/flax_model.msgpack": "", "model/pytorch_model.bin": "" });
    const fetched = await fetchModel(source, { ...options(), kind: "clip" });
    expect(readClipFolder(fetched).config["projection_dim"]).to.equal(12);
    expect(server.downloads.toSorted()).to.deep.equal([
      "config.json",
      "merges.txt",
      "model.safetensors",
      "preprocessor_config.json",
      "special_tokens_map.json",
      "tokenizer_config.json",
      "vocab.json",
    ]);
    const offline = { ...options(), kind: "clip", offline: true } as const;
    expect(await fetchModel(source, offline)).to.equal(fetched);
  });

  it("downloads what a language model has in its folder, all of its files", async () => {
    rmSync(folder.path("model"), { recursive: true });
    const model = "test/fixtures/nano/smollm2-tiny-bf16-sharded";
    cpSync(model, folder.path("model"), { recursive: true });
    const tokenizer = "test/fixtures/nano/tokenizer-smollm2/tokenizer.json";
    cpSync(tokenizer, folder.path("model/tokenizer.json"));
    const fetched = await fetchModel(source, { ...options(), kind: "languageModel" });
    expect(readModelFolder(fetched).config["model_type"]).to.equal("llama");
    expect(server.downloads.toSorted()).to.deep.equal([
      "config.json",
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
      "tokenizer.json",
    ]);
  });

  it("writes nothing to standard output", async () => {
    const { debug } = console;
    const lines: unknown[] = [];
    console.debug = (...line: unknown[]) => void lines.push(line);
    try {
      await fetchModel(source, options());
    } finally {
      console.debug = debug;
    }
    expect(lines).to.deep.equal([]);
    expect(server.downloads).to.have.length(12);
  });

  it("downloads the files that an index lists", async () => {
    const base = "vae/diffusion_pytorch_model";
    const tensors = readSafetensors(folder.path("model", `${base}.safetensors`));
    rmSync(folder.path("model", `${base}.safetensors`));
    const shard = "diffusion_pytorch_model-00001-of-00001.safetensors";
    writeSafetensors(folder.path("model", "vae", shard), tensors);
    const weight_map = Object.fromEntries([...tensors.keys()].map((name) => [name, shard]));
    folder.write({
      [`model/${base}.safetensors.index.json`]: JSON.stringify({ weight_map }),
    });
    const fetched = await fetchModel(source, options());
    expect(readPipelineFolder(fetched).vae.tensors.size).to.equal(tensors.size);
  });

  it("uses the cache without a connection", async () => {
    const fetched = await fetchModel(source, options());
    const { url } = server;
    await server.close();
    const offline = { ...options(), hubUrl: url };
    expect(await fetchModel(source, offline)).to.equal(fetched);
    expect(await fetchModel(`${source}@${hubCommit}`, { ...offline, offline: true })).to.equal(
      fetched,
    );
  });

  it("uses the cache of a hub that is out of order, and else says what to do", async () => {
    const fetched = await fetchModel(source, options());
    for (const { status, gives } of [
      { status: 503, gives: fetched },
      { status: 429, gives: "answered 429; try again later" },
      { status: 403, gives: "answered 403; a private or gated model needs" },
    ]) {
      await server.close();
      server = await startHubServer(folder.path("model"), { status });
      const given = await fetchModel(source, options()).catch(String);
      expect(given).to.include(gives);
    }
  });

  it("says what to do without a connection and a copy", async () => {
    await server.close();
    const error = await rejection(fetchModel(source, options()));
    expect(error).to.match(
      /Cannot fetch hf:owner\/tiny at main: no connection to http.+ECONNREFUSED.+, and the cache .+cache has no whole copy; connect, or copy the model's folder/,
    );
  });

  it("takes no copy that was cut short", async () => {
    const fetched = await fetchModel(source, options());
    rmSync(`${fetched}/unet/diffusion_pytorch_model.safetensors`);
    const error = await rejection(fetchModel(source, { ...options(), offline: true }));
    expect(error).to.include("offline is set, and the cache");
    expect(error).to.include("missing unet/diffusion_pytorch_model.safetensors");
  });

  it("sends the token, and shows it to nobody", async () => {
    const token = "hf_secret";
    await server.close();
    server = await startHubServer(folder.path("model"), { token });
    const refused = await rejection(fetchModel(source, { ...options(), token: "hf_wrong" }));
    expect(refused).to.match(/answered 401; a private or gated model needs .+ HF_TOKEN$/);
    expect(refused).to.not.include("hf_wrong");
    const lines: string[] = [];
    await fetchModel(source, { ...options(), token, print: (line) => lines.push(line) });
    expect([...server.authorizations].at(-1)).to.equal(`Bearer ${token}`);
    expect(lines.join("\n")).to.not.include(token);
  });

  it("refuses what is no token, without showing it", async () => {
    const error = await rejection(fetchModel(source, { ...options(), token: "secret" }));
    expect(error).to.include("expected a token that starts with hf_, got another");
    expect(error).to.not.include("secret");
  });

  it("reports models and revisions that are not there, and names that are none", async () => {
    const cases = [
      { name: "hf:owner/none", says: "answered 404; is there such a model, and a revision main?" },
      { name: `${source}@v2`, says: "and a revision v2?" },
      { name: "hf:tiny", says: "expected hf:owner/name or hf:owner/name@revision" },
      { name: "hf:../..", says: "expected hf:owner/name" },
    ];
    for (const { name, says } of cases) {
      expect(await rejection(fetchModel(name, options()))).to.include(says);
    }
  });
});
