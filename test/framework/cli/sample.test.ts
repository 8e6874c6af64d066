import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import sharp from "sharp";

import { writeLearnedEmbeddings } from "../../../framework/adapters/learnedEmbeddings.ts";
import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { seedbed, type ProgramResult } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { wave } from "../../support/tensors.ts";

const models = path.resolve(import.meta.dirname, "../../fixtures/stable-diffusion");
const model = path.join(models, "tiny-sd-a");
const bundled = path.resolve(import.meta.dirname, "../../../models/emoji-64");

describe("seedbed sample", () => {
  const folder = temporaryFolder();
  const runProgram = seedbed();
  // A process can load ONNX Runtime's library once; `seedbed.test.ts` samples with it.
  const run: typeof runProgram = ([command = "", ...args], options) =>
    runProgram([command, "--backend", "cpu", ...args], options);
  after(() => tf.setBackend("cpu"));

  const out = (): string => folder.path("out");
  const sample = async (...args: string[]): Promise<ProgramResult> =>
    run(["sample", model, "--steps", "2", "--out", out(), ...args]);

  const pixelsOf = async (file: string): Promise<number[]> => [
    ...(await sharp(readFileSync(file)).raw().toBuffer()),
  ];
  const distance = (a: number[], b: number[]): number =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

  async function picture(name: string, width: number, height: number): Promise<string> {
    mkdirSync(folder.path(), { recursive: true });
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) % 256);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(folder.path(name));
    return folder.path(name);
  }

  it("writes a picture with its parameters, and says where", async () => {
    const { exitCode, printed, warned } = await sample("a photo of a cat", "--seed", "7");
    expect([exitCode, warned]).to.deep.equal([0, []]);
    const file = path.join(out(), "00001-7.png");
    expect(printed).to.deep.equal([file]);
    const { width, height, comments } = await sharp(readFileSync(file)).metadata();
    expect([width, height]).to.deep.equal([16, 16]);
    expect(comments?.[0]?.text).to.match(
      /^a photo of a cat\nSteps: 2, Sampler: PLMS, Schedule type: Uniform, CFG scale: 7.5, Seed: 7, Size: 16x16, Model: tiny-sd-a, Version: seedbed [\d.]+$/,
    );
  });

  it("makes the same picture from a seed, whatever the batch, and a grid of several", async () => {
    folder.write({ "prompts.txt": "a cat\n\n(a dog:1.2)\n" });
    const prompts = ["--prompts", folder.path("prompts.txt"), "--sampler", "Euler a"];
    const { printed } = await sample(...prompts, "--count", "2", "--batch", "3", "--seed", "5");
    expect(printed.map((file) => path.basename(file))).to.deep.equal([
      ...["00001-5.png", "00002-6.png", "00003-5.png", "00004-6.png", "grid-00001.png"],
    ]);
    const { width, height } = await sharp(readFileSync(printed[4]!)).metadata();
    expect(width).to.be.above(44); // the prompts stand before the rows
    expect(height).to.equal(44);
    const alone = await sample("(a dog:1.2)", "--sampler", "euler-a", "--seed", "6");
    expect(path.basename(alone.printed[0]!)).to.equal("00005-6.png");
    const [fourth, again] = [await pixelsOf(printed[3]!), await pixelsOf(alone.printed[0]!)];
    expect(distance(fourth, again)).to.be.at.most(1);
    expect(distance(fourth, await pixelsOf(printed[1]!))).to.be.above(1);
  });

  it("starts from a picture, of any size, and keeps what the mask does not mark", async () => {
    const init = await picture("init.png", 32, 32);
    const mask = folder.path("mask.png");
    const half = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 32 < 16 ? 0 : 255));
    await sharp(half, { raw: { width: 32, height: 32, channels: 1 } }).toFile(mask);
    const { printed } = await sample("a cat", "--init-image", init, "--mask", mask);
    const small = await sharp(init).resize(16, 16, { kernel: "cubic" }).raw().toBuffer();
    const made = await pixelsOf(printed[0]!);
    const away = made.map((value, i) => Math.abs(value - small[i]!));
    const isKept = (i: number): boolean => Math.floor(i / 3) % 16 < 8;
    expect(Math.max(...away.filter((_, i) => isKept(i)))).to.be.at.most(1);
    expect(Math.max(...away.filter((_, i) => !isKept(i)))).to.be.above(10);
    const { comments } = await sharp(readFileSync(printed[0]!)).metadata();
    expect(comments?.[0]?.text).to.include(
      "Denoising strength: 1, Init image: init.png, Mask: mask.png",
    );
    const plain = await sample("a cat", "--init-image", init, "--strength", "0.5");
    expect(plain.exitCode).to.equal(0);
  });

  it("uses LoRA files and learned tokens", async () => {
    const lora = path.join(model, "lora/pytorch_lora_weights.safetensors");
    const tokens = folder.path("token.safetensors");
    mkdirSync(folder.path(), { recursive: true });
    writeLearnedEmbeddings(tokens, new Map([["<thing>", hostTensor(wave([2, 32], 0), [2, 32])]]));
    const made = async (...args: string[]): Promise<number[]> => {
      const { printed, warned } = await run([
        ...["sample", model, "a <thing>", "--steps", "1", "--out", out(), ...args],
      ]);
      expect(warned).to.deep.equal([]);
      return pixelsOf(printed[0]!);
    };
    const plain = await made();
    expect(distance(plain, await made("--embedding", tokens))).to.be.above(1);
    const learned = ["--embedding", `<it>=${tokens}`];
    expect(distance(plain, await made(...learned))).to.be.at.most(1); // <thing> is not known
    expect(distance(plain, await made("--lora", `${lora}:0`))).to.be.at.most(1);
    const once = await made("--lora", `${lora}:1`);
    expect(distance(plain, once)).to.be.above(1);
    expect(distance(once, await made("--lora", `${lora}:0.4`, "--lora", `${lora}:0.6`)))
      .to.be.at //
      .most(1);
  });

  it("keeps what is done when interrupted, and ends with the signal's code", async () => {
    const interrupt = new AbortController();
    interrupt.abort();
    const args = ["sample", model, "a cat", "--steps", "2", "--out", out()];
    const { exitCode, warned } = await run(args, { interrupt });
    expect([exitCode, warned]).to.deep.equal([
      143,
      [`Interrupted: 0 of 1 pictures are in ${out()}`],
    ]);
    expect(existsSync(out())).to.equal(false);
  });

  it("writes one picture to the file that is named", async () => {
    const file = folder.path("cat.png");
    const { printed } = await run(["sample", model, "a", "--steps", "1", "--out", file]);
    expect(printed).to.deep.equal([file]);
    expect(readdirSync(folder.path())).to.deep.equal(["cat.png"]);
  });

  describe("refuses before any work", () => {
    for (const { args, expected } of [
      { args: ["a", "--size", "17"], expected: "--size must be divisible by 2, got 17x17" },
      { args: ["a", "--size", "16x"], expected: "--size must be SIDE or WIDTHxHEIGHT in pixels" },
      { args: ["a", "--size", "99999"], expected: "--size must be SIDE or WIDTHxHEIGHT in pixels" },
      { args: ["a", "--steps", "0"], expected: "--steps must be an integer from 1" },
      { args: ["a", "--steps", "many"], expected: "--steps must be an integer from 1" },
      { args: ["a", "--steps", "1001"], expected: "--steps must be at most 1000" },
      { args: ["a", "--steps", "1e12"], expected: "--steps must be an integer from 1" },
      { args: ["a", "--sampler", "eular"], expected: 'with "eular": expected one of ddim, ddpm' },
      { args: ["a", "--guidance", "-1"], expected: "--guidance must be a number from 0 to 1000" },
      { args: ["a", "--eta", "1"], expected: "eta 1 is an option of DDIM" },
      { args: ["a", "--seed", "4294967296"], expected: "--seed must be an integer from 0 to" },
      { args: ["a", "--clip-skip", "6"], expected: "--clip-skip must be at most 5" },
      { args: ["a", "--tile", "65"], expected: "--tile must be divisible by 2, got 65" },
      { args: ["a", "--strength", "0.5"], expected: "--strength needs the picture" },
      { args: ["a", "--mask", "m.png"], expected: "--mask needs the picture" },
      { args: ["a", "--init-image", "x.png"], expected: "--init-image x.png: no such file" },
      { args: ["a", "--lora", "x.safetensors:0.5"], expected: "--lora x.safetensors: no such" },
      { args: ["a", "--embedding", "<a>=x.bin"], expected: "--embedding x.bin: no such file" },
      { args: [], expected: "expected a prompt or --prompts FILE, got neither" },
      { args: ["a", "--prompts", "x.txt"], expected: "got both" },
      { args: ["--prompts", "x.txt"], expected: "--prompts x.txt: no such file" },
      { args: ["a", "--steps", "1", "--steps", "2"], expected: "expected --steps once, got it 2" },
      { args: ["a", "--stpes", "2"], expected: "Unknown argument: stpes" },
    ]) {
      it(args.join(" ") || "no prompt", async () => {
        const { exitCode, printed, warned } = await run([
          ...["sample", model, "--out", out()],
          ...args,
        ]);
        expect(warned.join("\n")).to.include(expected);
        expect([exitCode, printed]).to.deep.equal([2, []]);
        expect(existsSync(out())).to.equal(false);
      });
    }

    it("one file for several pictures", async () => {
      const file = folder.path("x.png");
      const { exitCode, warned } = await run(["sample", model, "a", "--count", "2", "--out", file]);
      expect(exitCode).to.equal(2);
      expect(warned.join("\n")).to.include("--out must be a folder for 2 pictures, got ");
    });

    it("pictures that do not fit", async () => {
      const [init, other] = [await picture("a.png", 16, 16), await picture("b.png", 16, 8)];
      const refusal = async (...args: string[]): Promise<string> => {
        const { exitCode, warned } = await sample("a", "--init-image", init, ...args);
        expect(exitCode).to.equal(2);
        return warned.join("\n");
      };
      expect(await refusal("--mask", other)).to.include("b.png is 16x8, --init-image");
      expect(await refusal("--strength", "0")).to.include("above 0 and at most 1, got 0");
      expect(await refusal("--strength", "1.5")).to.include("above 0 and at most 1, got 1.5");
      expect(await refusal("--strength", "0.1")).to.include("expected a strength from 0.5 to 1");
      folder.write({ "text.png": "no picture" });
      expect(await refusal("--mask", folder.path("text.png"))).to.include("Cannot read image");
      expect(existsSync(out())).to.equal(false);
    });

    it("models that are none, and adapters of other models", async () => {
      const missing = await run(["sample", "nowhere", "a"]);
      expect(missing.warned.join("\n")).to.include("Cannot read model nowhere: no such folder");
      copyFileSync(path.join(model, "unet/config.json"), folder.path("model.safetensors"));
      const corrupt = await run(["sample", folder.path("model.safetensors"), "a"]);
      expect(corrupt.warned.join("\n")).to.include("Cannot read");
      const lora = path.join(models, "tiny-sd-b/lora/pytorch_lora_weights.safetensors");
      const other = await sample("a", "--lora", lora);
      expect(other.warned.join("\n")).to.include(
        "Cannot use LoRA pytorch_lora_weights.safetensors",
      );
      expect([missing, corrupt, other].map(({ exitCode }) => exitCode)).to.deep.equal([2, 2, 2]);
    });

    it("samplers that cannot begin where the model does", async () => {
      const { exitCode, warned } = await run(["sample", bundled, "a cat", "--sampler", "pndm"]);
      expect(exitCode).to.equal(2);
      expect(warned.join("\n")).to.include("divides by zero at timestep 999, where this model has");
    });

    it("words that the model cannot see", async () => {
      const { exitCode, warned } = await run(["sample", bundled, "a (zzyx:1.2) cat"]);
      expect(exitCode).to.equal(2);
      expect(warned.join("\n")).to.include("the model's vocabulary lacks zzyx");
    });
  });
}).timeout(180_000);
