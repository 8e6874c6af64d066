import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { loadDecoder } from "../../../framework/pipelines/loadDecoder.ts";
import { readSafetensors, writeSafetensors } from "../../../framework/weights/safetensors.ts";
import { inTemporaryFolder } from "../../parity/temporaryFolder.ts";

const fixture = path.resolve(import.meta.dirname, "../../fixtures/nano/smollm2-tiny");

/** Lets a function spoil a copy of the fixture, and gives the message that loading it ends with. */
async function messageOf(spoil: (folder: string) => void): Promise<string> {
  let message = "";
  await inTemporaryFolder((folder) => {
    cpSync(fixture, folder, { recursive: true });
    spoil(folder);
    try {
      loadDecoder(folder).dispose();
    } catch (error) {
      expect(error).to.be.instanceOf(InputError);
      message = String(error);
    }
  });
  return message;
}

describe("loadDecoder()", () => {
  it("lists what is missing, unexpected and of another shape", async () => {
    const message = await messageOf((folder) => {
      const file = path.join(folder, "model.safetensors");
      const tensors = readSafetensors(file);
      const norm = tensors.get("model.norm.weight")!;
      tensors.delete("model.norm.weight");
      tensors.set("model.extra.weight", norm);
      tensors.set("model.layers.0.mlp.up_proj.weight", norm);
      writeSafetensors(file, tensors);
    });
    expect(message).to.contain("1 missing: model.norm.weight; 1 unexpected: model.extra.weight");
    expect(message).to.contain("model.layers.0.mlp.up_proj.weight (expected [160, 64], got [64])");
  });

  it("reads what fits when not strict, and reports the rest", async () => {
    await inTemporaryFolder((folder) => {
      cpSync(fixture, folder, { recursive: true });
      const file = path.join(folder, "model.safetensors");
      const tensors = readSafetensors(file);
      tensors.delete("model.norm.weight");
      writeSafetensors(file, tensors);
      const lines: string[] = [];
      loadDecoder(folder, { strict: false, report: (line) => lines.push(line) }).dispose();
      expect(lines).to.deep.equal([`Loaded ${file} but for 1 missing: model.norm.weight`]);
    });
  });

  it("names the settings that it cannot follow", async () => {
    const message = await messageOf((folder) => {
      const file = path.join(folder, "config.json");
      const config: object = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, JSON.stringify({ ...config, hidden_act: "relu" }));
    });
    expect(message).to.match(/Cannot load .*config\.json: .*config key "hidden_act"/);
  });

  it("says where there is no model", () => {
    expect(() => loadDecoder("/nowhere/model")).to.throw(InputError, "no such folder");
    const empty = import.meta.dirname;
    expect(() => loadDecoder(empty)).to.throw("missing config.json, model.safetensors");
  });
});
