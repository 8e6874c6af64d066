import { cpSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { runEagerly } from "../../../framework/base/compile.ts";
import { InputError } from "../../../framework/base/errors.ts";
import { clipPreprocessing } from "../../../framework/data/clipPreprocessing.ts";
import { loadClip } from "../../../framework/pipelines/loadClip.ts";
import { readSafetensors, writeSafetensors } from "../../../framework/weights/safetensors.ts";
import {
  clipFolder,
  clipJson,
  clipPictures,
  clipPrompts,
  clipTensors,
} from "../../support/clip.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("loadClip()", () => {
  const temporary = temporaryFolder();

  it("compares pictures and texts as transformers does", async () => {
    const clip = loadClip(clipFolder, runEagerly);
    const prepare = clipPreprocessing(clip.preprocessorConfig, clip.imageSize);
    const images = await clip.imageFeatures(clipPictures.map(prepare));
    const texts = await clip.textFeatures(clipPrompts);
    clip.dispose();
    const golden = clipTensors("golden.safetensors");
    for (const [name, rows] of [
      ["image_embeds", images],
      ["text_embeds", texts],
      ["cosines", texts.map((text) => Float32Array.from(images, (image) => dot(text, image)))],
    ] as const) {
      const want = golden.get(name)!.values;
      const got = rows.flatMap((row) => [...row]);
      expect(got).to.have.length(want.length);
      got.forEach((value, i) => expect(value, `${name} ${i}`).to.be.closeTo(want[i]!, 2e-6));
    }
  });

  /** A copy of the folder with one file replaced by another text. */
  function changed(file: string, text: string): string {
    cpSync(clipFolder, temporary.path("clip"), { recursive: true });
    temporary.write({ [`clip/${file}`]: text });
    return temporary.path("clip");
  }

  it("refuses weights that do not fit, naming them", () => {
    const folder = changed("notes.txt", "");
    const file = path.join(folder, "model.safetensors");
    const tensors = new Map(readSafetensors(file));
    const extra = tensors.get("visual_projection.weight")!;
    tensors.delete("text_projection.weight");
    writeSafetensors(file, [...tensors, ["visual_projection.bias", extra] as const]);
    expect(() => loadClip(folder, runEagerly)).to.throw(
      InputError,
      /model\.safetensors: .*1 missing: text_projection\.weight; 1 unexpected: visual_projection\.bias/,
    );
    const reported: string[] = [];
    const report = (line: string): number => reported.push(line);
    loadClip(folder, runEagerly, { strict: false, report }).dispose();
    expect(reported.join()).to.match(/Loaded .* but for 1 missing: text_projection\.weight/);
  });

  const others: { name: string; folder: () => string; message: RegExp }[] = [
    {
      name: "a folder that is not there",
      folder: () => temporary.path("nowhere"),
      message: /Cannot read CLIP .*nowhere: no such folder/,
    },
    {
      name: "a text-to-image pipeline",
      folder: () => path.join(clipFolder, "../stable-diffusion/tiny-sd-a"),
      message:
        /missing config\.json, preprocessor_config\.json, model\.safetensors, tokenizer\.json; expected a folder as transformers' CLIPModel/,
    },
    {
      name: "a text tower alone",
      folder: () => changed("config.json", JSON.stringify({ model_type: "clip_text_model" })),
      message: /expected model_type "clip" in config\.json, got "clip_text_model"/,
    },
    {
      name: "towers that do not fit their weights",
      folder: () =>
        changed("config.json", JSON.stringify({ ...clipJson("config.json"), projection_dim: 16 })),
      message:
        /2 of another shape: text_projection\.weight \(expected \[16, 16\], got \[12, 16\]\)/,
    },
  ];
  for (const { name, folder, message } of others) {
    it(`refuses ${name}`, () => {
      expect(() => loadClip(folder(), runEagerly)).to.throw(InputError, message);
    });
  }
});
