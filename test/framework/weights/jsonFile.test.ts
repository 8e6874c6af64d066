import { readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { readSchedulerConfig } from "../../../framework/diffusion/schedulerConfig.ts";
import {
  parsePythonJson,
  readJsonObject,
  writeJsonObject,
} from "../../../framework/weights/jsonFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("parsePythonJson()", () => {
  for (const { text, value } of [
    { text: '{"a": -Infinity}', value: { a: -Infinity } },
    { text: '{"a": [Infinity, NaN,1e3]}', value: { a: [Infinity, NaN, 1000] } },
    { text: '{"NaN": "a NaN, -Infinity"}', value: { NaN: "a NaN, -Infinity" } },
    { text: String.raw`{"a": "\" NaN", "b": NaN}`, value: { a: '" NaN', b: NaN } },
    { text: "NaN", value: NaN },
    { text: '{"a": null}', value: { a: null } },
  ]) {
    it(`reads ${text}`, () => expect(parsePythonJson(text)).to.deep.equal(value));
  }

  for (const text of ["[1Infinity]", "[--Infinity]", "[NaNs]", "[+Infinity]", "[nan]", '["NaN]']) {
    it(`refuses ${text}`, () => expect(() => parsePythonJson(text)).to.throw(SyntaxError));
  }
});

describe("parsePythonJson() of what is large", () => {
  it("reads a text of many megabytes beside a word", () => {
    const long = "x".repeat(8_000_000);
    expect(String(parsePythonJson(`["${long}", NaN]`))).to.have.length(long.length + 4);
  });

  it("refuses words that are nested deeper than there is stack", () => {
    const text = `${"[".repeat(50_000)}NaN${"]".repeat(50_000)}`;
    expect(() => parsePythonJson(text)).to.throw(SyntaxError, "nested too deeply");
  });
});

describe("readJsonObject()", () => {
  const folder = temporaryFolder();

  it("reads a sampler's settings as diffusers saved them", () => {
    // of DPMSolverMultistepScheduler(lambda_min_clipped=-float("inf")).save_pretrained()
    const text =
      '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "trained_betas": null}';
    folder.write({ "scheduler_config.json": text });
    const settings = readJsonObject(folder.path("scheduler_config.json"));
    expect(readSchedulerConfig(settings).lambda_min_clipped).to.equal(-Infinity);
  });

  it("reads what writeJsonObject() wrote, which Python reads, too", () => {
    const settings = { a: [-Infinity, NaN], b: "NaN", c: { d: Infinity, e: 1 } };
    writeJsonObject(folder.path("settings.json"), settings);
    expect(readJsonObject(folder.path("settings.json"))).to.deep.equal(settings);
    expect(readFileSync(folder.path("settings.json"), "utf8")).to.include('"d": Infinity,');
  });

  it("names the file that is no object", () => {
    folder.write({ "list.json": "[NaN]", "cut.json": '{"a": ' });
    for (const name of ["list.json", "cut.json"]) {
      expect(() => readJsonObject(folder.path(name))).to.throw(InputError, folder.path(name));
    }
  });
});
