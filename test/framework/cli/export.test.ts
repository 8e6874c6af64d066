import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { readSafetensors } from "../../../framework/weights/safetensors.ts";
import { seedbed } from "../../support/cli.ts";
import { runCommand } from "../../support/runCommand.ts";
import { storedRun } from "../../support/storedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const model = path.resolve("test/fixtures/stable-diffusion/tiny-sd-a");
const unetFile = "unet/diffusion_pytorch_model.safetensors";

describe("seedbed export", () => {
  const folder = temporaryFolder();
  const inThisProcess = seedbed();

  /** In a process of its own, which has its own engine. */
  async function run(args: string[]): Promise<{ exitCode: number | null; lines: string[] }> {
    const { code, text } = await runCommand(args, process.cwd());
    return { exitCode: code, lines: text.trimEnd().split("\n") };
  }

  /** In this process, whose engine is not asked for. */
  async function refuse(args: string[]): Promise<{ exitCode: number; lines: string[] }> {
    const { exitCode, warned } = await inThisProcess(args);
    return { exitCode, lines: warned };
  }

  it("writes a run's checkpoint as a pipeline without optimizer state", async () => {
    const { checkpoint } = storedRun(folder.path("runs"), {
      model: { folder: model },
      parameters: { "unet.conv_out.bias": [1, 2, 3, 4] },
    });
    const id = path.basename(path.resolve(checkpoint, "../.."));
    const out = folder.path("out");
    const { exitCode, lines } = await run(["export", id, out, "--runs", folder.path("runs")]);
    expect(exitCode).to.equal(0);
    expect(lines).to.deep.equal([
      `Exported ${checkpoint}, raw weights`,
      `  ${out}  diffusers, float32`,
    ]);
    const written = readSafetensors(path.join(out, unetFile));
    const began = readSafetensors(path.join(model, unetFile));
    expect([...written.keys()]).to.deep.equal([...began.keys()]);
    expect([...written.get("conv_out.bias")!.values]).to.deep.equal([1, 2, 3, 4]);
    expect(written.get("conv_in.bias")!.values).to.deep.equal(began.get("conv_in.bias")!.values);
  });

  it("writes a file of the same bytes as the model's own, where that is float16", async () => {
    const out = folder.path("out");
    await run(["export", model, out, "--dtype", "float16"]);
    const [written, began] = [out, model].map((each) => readSafetensors(path.join(each, unetFile)));
    expect(written).to.deep.equal(began);
    const index = readFileSync(path.join(out, "model_index.json"), "utf8");
    expect(JSON.parse(index)).to.deep.include({ scheduler: ["diffusers", "PNDMScheduler"] });
  });

  for (const { name, says } of [
    { name: "out", says: "as its scheduler_config.json says" },
    { name: "out.safetensors", says: "which single-file cannot say" },
  ]) {
    it(`tells of a scheduler that training has changed: ${name}`, async () => {
      storedRun(folder.path("runs"), {
        model: { folder: model },
        loss: { predictionType: "v_prediction", zeroTerminalSnr: true },
        parameters: { "unet.conv_out.bias": [1, 2, 3, 4] },
      });
      const [id = ""] = readdirSync(folder.path("runs/subject"));
      const out = folder.path(name);
      const { exitCode, lines } = await run(["export", id, out, "--runs", folder.path("runs")]);
      expect(exitCode).to.equal(0);
      expect(lines.join("\n"))
        .to.include(says)
        .and.include(
          ": _class_name DDIMScheduler, was PNDMScheduler; prediction_type v_prediction, was epsilon; rescale_betas_zero_snr true, was false; timestep_spacing trailing, was leading",
        );
    });
  }

  it("writes one file where the name says so", async () => {
    const out = folder.path("out.safetensors");
    const { lines } = await run(["export", model, out]);
    expect(lines.at(-1)).to.equal(`  ${out}  single-file, float32`);
    expect([...readSafetensors(out).keys()]).to.include(
      "model.diffusion_model.input_blocks.0.0.weight",
    );
  });

  it("writes ONNX files that were compared with the model", async () => {
    const out = folder.path("out");
    const { exitCode, lines } = await run(["export", model, out, "--format", "onnx"]);
    expect(exitCode).to.equal(0);
    const names = ["text_encoder", "unet", "vae_encoder", "vae_decoder"];
    names.forEach((name, i) => {
      expect(lines[i]).to.match(new RegExp(`^${name}: .+ off, of `));
      expect(existsSync(path.join(out, name, "model.onnx"))).to.equal(true);
    });
    expect(readdirSync(out)).to.have.members([
      ...names,
      "model_index.json",
      "scheduler",
      "tokenizer",
    ]);
  });

  for (const { args, expected, loads = false } of [
    {
      args: ["out", "--format", "single-file"],
      expected: "expected a name that ends in .safetensors",
    },
    { args: ["out.safetensors", "--format", "onnx"], expected: "expected a folder" },
    { args: ["out", "--lora", "a:b"], expected: "expected FILE or FILE:scale" },
    { args: ["out", "--lora", "none.safetensors"], expected: "none.safetensors", loads: true },
    { args: ["out", "--dtype", "int8"], expected: 'Choices: "float32", "float16"' },
    { args: ["out", "--weights", "ema"], expected: "leave --weights out", loads: true },
  ]) {
    it(`refuses ${args.slice(1).join(" ")} for ${args[0]}, and writes nothing`, async () => {
      const [name = "", ...rest] = args;
      const command = ["export", model, folder.path(name), ...rest];
      const { exitCode, lines } = await (loads ? run(command) : refuse(command));
      expect(exitCode).to.equal(2);
      expect(lines.join("\n")).to.include(expected);
      expect(readdirSync(folder.path())).to.deep.equal([]);
    });
  }

  it("leaves what is there, unless forced", async () => {
    folder.write({ "out/model_index.json": "{}" });
    const args = ["export", model, folder.path("out")];
    const { exitCode, lines } = await run(args);
    expect([exitCode, lines.join()]).to.deep.equal([
      2,
      `Cannot export to ${folder.path("out")}: it exists; give another place, or --force`,
    ]);
    expect(readdirSync(folder.path("out"))).to.deep.equal(["model_index.json"]);
    expect((await run([...args, "--force"])).exitCode).to.equal(0);
    expect(readdirSync(folder.path("out"))).to.include("unet");
  });
});
