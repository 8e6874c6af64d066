import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { temporaryFolder } from "../../support/temporaryFolder.ts";

const repository = path.join(import.meta.dirname, "../../..");
const model = path.join(repository, "test/fixtures/stable-diffusion/tiny-sd-a");
const subject = path.join(repository, "subjects/penguin");
const spec = path.join(repository, "configs/dreambooth.yaml");

/** What `seedbed validate` prints to the error output, and its exit code. */
async function validate(...overrides: string[]): Promise<{ exitCode: number; warned: string }> {
  const { runProgram } = await import("../../../framework/cli/program.ts");
  const warned: string[] = [];
  const exitCode = await runProgram({
    args: ["run", spec, `model.folder=${model}`, "--runs", "no-such-folder", ...overrides],
    terminal: { print: () => {}, warn: (line) => warned.push(line) },
    watchSignals: () => ({
      signal: new AbortController().signal,
      exitCode: () => 143,
      release() {},
    }),
  });
  return { exitCode, warned: warned.join("\n") };
}

describe("dreambooth, given bad input", () => {
  const temporary = temporaryFolder();

  /** A folder with one good picture, and beside it whatever `add` puts there. */
  function pictures(add: (folder: string) => void): string {
    const folder = temporary.path("pictures");
    mkdirSync(folder);
    copyFileSync(path.join(subject, "instance_00_f00.png"), path.join(folder, "a.png"));
    add(folder);
    return folder;
  }

  const cases: { name: string; override: () => string[]; message: RegExp }[] = [
    {
      name: "a missing picture folder",
      override: () => ["data.instance.folder=nowhere"],
      message: /expected a folder, got nowhere/,
    },
    {
      name: "an empty picture",
      override: () => [
        `data.instance.folder=${pictures((folder) => writeFileSync(path.join(folder, "b.png"), ""))}`,
      ],
      message: /b\.png.*empty/,
    },
    {
      name: "a file that is no picture",
      override: () => [
        `data.instance.folder=${pictures((folder) => writeFileSync(path.join(folder, "b.png"), "hello"))}`,
      ],
      message: /b\.png/,
    },
    {
      name: "a folder without pictures, telling the formats",
      override() {
        temporary.write({ "empty/notes.txt": "" });
        return [`data.instance.folder=${temporary.path("empty")}`];
      },
      message: /images in .*empty: expected pictures \(\.avif \.gif .*\), got only notes\.txt/,
    },
    {
      name: "a corrupt class picture",
      override: () => [
        `data.class.folder=${pictures((folder) => {
          const file = path.join(folder, "b.png");
          copyFileSync(path.join(subject, "instance_01_f16.png"), file);
          truncateSync(file, 2000);
        })}`,
      ],
      message: /Cannot read image .*b\.png/,
    },
    {
      name: "more pictures than fit in memory",
      override: () => [
        `data.instance.folder=${pictures((folder) => {
          const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"/>`;
          for (let i = 0; i < 7; i++) writeFileSync(path.join(folder, `${i}.svg`), svg);
        })}`,
      ],
      message: /expected at most 2 GB when decoded, got 8 pictures of 2\.3 GB; use fewer/,
    },
    {
      name: "an empty prompt",
      override: () => ['data.instance.prompt="  "'],
      message: /command line at \/data\/instance\/prompt/,
    },
    {
      name: "an unknown model folder",
      override: () => ["model.folder=no-such-model"],
      message: /Cannot read model no-such-model: no such folder/,
    },
    {
      name: "corrupt weights",
      override() {
        const copy = temporary.path("model");
        cpSync(model, copy, { recursive: true });
        const file = path.join(copy, "unet/diffusion_pytorch_model.safetensors");
        truncateSync(file, readFileSync(file).length - 100);
        return [`model.folder=${copy}`];
      },
      message: /unet\/diffusion_pytorch_model\.safetensors/,
    },
    {
      name: "nothing to train",
      override: () => ["model.trains.unet=false", "model.trains.textEncoder=false"],
      message: /model\.trains\.unet together with model\.trains\.textEncoder.*at least one/,
    },
    {
      name: "a weight in the section that had it before",
      override: () => ["model.priorWeight=1"],
      message: /at \/model\/priorWeight: unknown key "priorWeight"/,
    },
    {
      name: "layers that the model lacks",
      override: () => ["model.trains.unet=[atn2]"],
      message: /model\.trains\.unet.*"atn2" \(did you mean "attn2"\?\)/,
    },
    {
      name: "LoRA of layers that the model lacks",
      override: () => ["model.lora.targets.textEncoder=[proj_q]"],
      message: /model\.lora\.targets\.textEncoder.*no layer is called "proj_q"/,
    },
    {
      name: "a token that starts from no known word",
      override: () => [
        "model.inversion={token: <x>, initializer: ''}",
        "data.instance.prompt=a <x>",
      ],
      message: /model\/inversion\/initializer/,
    },
  ];
  for (const { name, override, message } of cases) {
    it(`refuses ${name} before anything is made`, async function refuse() {
      this.timeout(180_000);
      const { exitCode, warned } = await validate(...override());
      expect(warned).to.match(message);
      expect(exitCode).to.equal(2);
    });
  }
});
