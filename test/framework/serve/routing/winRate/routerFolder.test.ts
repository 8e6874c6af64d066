import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../../framework/base/errors.ts";
import {
  countedFeatures,
  requestFeatures,
} from "../../../../../framework/serve/routing/winRate/requestFeatures.ts";
import {
  readRouterFolder,
  writeRouterFolder,
} from "../../../../../framework/serve/routing/winRate/routerFolder.ts";
import { winRate } from "../../../../../framework/serve/routing/winRate/winRateModel.ts";
import { temporaryFolder } from "../../../../support/temporaryFolder.ts";

const buckets = 32;
const asked = (content: string, promptTokens = 31) => ({
  request: { messages: [{ role: "user" as const, content }] },
  promptTokens,
});

describe("requestFeatures()", () => {
  const featureOf = (request: Parameters<typeof requestFeatures>[0], name: string): number =>
    requestFeatures(request, buckets)[countedFeatures.findIndex((each) => each === name)]!;

  it("counts tokens, turns, functions and how deep their schemas are", () => {
    const parameters = {
      type: "object",
      properties: { place: { type: "object", properties: { city: { type: "string" } } } },
    };
    const tool = { type: "function" as const, function: { name: "find", parameters } };
    const request = { ...asked("Hi").request, tools: [tool] };
    expect(featureOf({ request, promptTokens: 31 }, "promptTokens")).to.be.closeTo(0.5, 1e-6);
    expect(featureOf({ request, promptTokens: 31 }, "tools")).to.be.closeTo(0.2, 1e-6);
    expect(featureOf({ request, promptTokens: 31 }, "schemaDepth")).to.equal(3 / 8);
    expect(featureOf({ request, promptTokens: 31 }, "userTurns")).to.equal(1 / 8);
    expect(featureOf(asked("Hi"), "schemaDepth")).to.equal(0);
  });

  it("takes schemas of very many values", () => {
    const parameters = { type: "string", enum: Array.from({ length: 300_000 }, () => "a") };
    const tool = { type: "function" as const, function: { name: "find", parameters } };
    const request = { ...asked("Hi").request, tools: [tool] };
    expect(featureOf({ request, promptTokens: 31 }, "schemaDepth")).to.equal(1 / 8);
  });

  it("sees pictures, and the text beside them", () => {
    const content = [{ type: "text", text: "What is this?" }, { type: "image_url" }];
    const request = {
      request: { messages: [{ role: "user" as const, content }] },
      promptTokens: 9,
    };
    expect(featureOf(request, "pictures")).to.equal(1 / 4);
    expect(featureOf(request, "questions")).to.equal(1 / 4);
  });

  it("knows words, whatever numbers stand between them", () => {
    const words = (text: string): Float32Array =>
      requestFeatures(asked(text), buckets).slice(countedFeatures.length);
    expect(words("What is 3 plus 4?")).to.deep.equal(words("what is 7 plus 9?"));
    expect(words("What is 3 plus 4?")).to.not.deep.equal(words("What is 3 minus 4?"));
    expect(words("one two")).to.not.deep.equal(words("two one"));
  });
});

describe("readRouterFolder()", () => {
  const folder = temporaryFolder();
  const weight = Float32Array.from({ length: countedFeatures.length + buckets }, (_, i) => i / 64);
  const written = {
    model: { buckets, weight, bias: -1.5 },
    thresholds: { winRate: 0.4, cascade: 0.2 },
  };

  it("reads what was written, and scores as it did", () => {
    writeRouterFolder(folder.path(), written);
    const { model, thresholds } = readRouterFolder(folder.path());
    expect(thresholds).to.deep.equal(written.thresholds);
    const features = requestFeatures(asked("Who are you?"), buckets);
    const logit = features.reduce((sum, value, i) => sum + value * weight[i]!, -1.5);
    const expected = 1 / (1 + Math.exp(-logit));
    expect(winRate(model, asked("Who are you?"))).to.be.closeTo(expected, 1e-6);
  });

  for (const [title, change, problem] of [
    ["none", undefined, /ENOENT/],
    ["no JSON", () => "{", /JSON/],
    [
      "another version",
      (text: string) => text.replace('"formatVersion": 1', '"formatVersion": 2'),
      /formatVersion/,
    ],
    [
      "a threshold above 1",
      (text: string) => text.replace("0.4", "1.4"),
      /thresholds\.winRate must be <= 1/,
    ],
    ["other features", (text: string) => text.replace('"tools"', '"tool"'), /train it again/],
    [
      "other weights",
      (text: string) => text.replace('"buckets": 32', '"buckets": 31'),
      /expected 47 finite weights/,
    ],
  ] as const) {
    it(`refuses ${title}, and says where`, () => {
      mkdirSync(folder.path("router"), { recursive: true });
      if (change) {
        writeRouterFolder(folder.path("router"), written);
        const file = path.join(folder.path("router"), "router.json");
        writeFileSync(file, change(readFileSync(file, "utf8")));
      }
      expect(() => readRouterFolder(folder.path("router")))
        .to.throw(InputError, problem)
        .with.property("message")
        .that.contains(folder.path("router"));
    });
  }
});
