import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { loadPipeline, loadTextEncoder } from "../../../framework/pipelines/loadPipeline.ts";
import { disposePipeline } from "../../../framework/pipelines/pipelineComponents.ts";
import { readSafetensors, writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const published = "test/fixtures/stable-diffusion/tiny-sd-a";

describe("loadPipeline()", () => {
  const folder = temporaryFolder();
  const weights = (): string => folder.path("text_encoder/model.safetensors");

  beforeEach(() => cpSync(published, folder.path(), { recursive: true }));

  /** The text encoder's weights, with changes. */
  function change(edit: (tensors: ReturnType<typeof readSafetensors>) => void): void {
    const tensors = readSafetensors(weights());
    edit(tensors);
    writeSafetensors(weights(), tensors);
  }

  const norm = "text_model.final_layer_norm.bias";

  it("lists everything that does not fit, and leaves no model behind", () => {
    change((tensors) => {
      tensors.set("text_model.other", tensors.get(norm)!);
      tensors.delete(norm);
    });
    expect(() => loadPipeline(folder.path())).to.throw(
      InputError,
      `Cannot load ${weights()}: Cannot load parameters: 1 missing: ${norm}; 1 unexpected: text_model.other`,
    );
  });

  it("loads the rest and says so when not strict", () => {
    change((tensors) => tensors.delete(norm));
    const lines: string[] = [];
    const pipeline = loadPipeline(folder.path(), {
      strict: false,
      report: (line) => lines.push(line),
    });
    disposePipeline(pipeline);
    expect(lines).to.deep.equal([`Loaded ${weights()} but for 1 missing: ${norm}`]);
  });

  it("refuses NaN by the tensor's name", () => {
    change((tensors) => {
      const { dtype, shape, values } = tensors.get(norm)!;
      tensors.set(norm, { dtype, shape, values: Float32Array.from(values).fill(NaN, 3, 4) });
    });
    expect(() => loadPipeline(folder.path())).to.throw(
      InputError,
      `1 with values that are not finite: ${norm}`,
    );
  });

  it("reads a text encoder whose names lack the prefix", () => {
    const tensors = readSafetensors(weights());
    writeSafetensors(
      weights(),
      [...tensors].map(([name, tensor]) => [name.replace("text_model.", ""), tensor] as const),
    );
    const { model } = loadTextEncoder(folder.path());
    expect([...model.parameters.get(norm)!.dataSync()]).to.deep.equal([
      ...tensors.get(norm)!.values,
    ]);
    model.dispose();
  });

  it("refuses settings with blocks that it does not know, and a foreign tokenizer", () => {
    const config = folder.path("unet/config.json");
    writeFileSync(config, readFileSync(config, "utf8").replace('"DownBlock2D"', '"FooBlock2D"'));
    expect(() => loadPipeline(folder.path())).to.throw(InputError, '"FooBlock2D"');
    cpSync(published, folder.path(), { recursive: true });
    rmSync(folder.path("tokenizer"), { recursive: true });
    folder.write({
      "tokenizer/vocab.json": '{"<|startoftext|>": 1999, "<|endoftext|>": 2000, "a</w>": 0}',
      "tokenizer/merges.txt": "#version: 0.2\n",
    });
    expect(() => loadPipeline(folder.path())).to.throw(
      InputError,
      "it has 2001 tokens, and the text encoder embeds 880; use the tokenizer of this model",
    );
  });

  it("refuses a tokenizer that ends texts otherwise", () => {
    const config = folder.path("text_encoder/config.json");
    writeFileSync(
      config,
      readFileSync(config, "utf8").replace('"eos_token_id": 2', '"eos_token_id": 77'),
    );
    expect(() => loadPipeline(folder.path())).to.throw(
      InputError,
      "it ends texts with 879, and the text encoder expects 77",
    );
  });

  it("says what it takes when there is nothing", () => {
    expect(() => loadPipeline(folder.path("none"))).to.throw(InputError, "no such folder");
  });
});
