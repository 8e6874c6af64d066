import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { namesWithClass } from "../../../../experiments/textToImage/emoji/classNouns.ts";
import { readConcepts } from "../../../../experiments/textToImage/emoji/concepts.ts";
import {
  type Drawing,
  type EmojiData,
  loadEmojiData,
} from "../../../../experiments/textToImage/emoji/emojiData.ts";
import { findPackage } from "../../../../experiments/textToImage/emoji/packages.ts";
import { splitDrawings } from "../../../../experiments/textToImage/emoji/split.ts";
import { InputError } from "../../../../framework/base/errors.ts";

describe("loadEmojiData()", () => {
  let cacheFolder: string;
  let data: EmojiData;
  let built = 0;
  const load = (options: { licence?: "permissive" } = {}): Promise<EmojiData> =>
    loadEmojiData({ size: 8, cacheFolder, onProgress: (done) => (built = done), ...options });

  before(async function () {
    this.timeout(180_000);
    cacheFolder = mkdtempSync(path.join(tmpdir(), "emoji-"));
    data = await load();
  });
  after(() => rmSync(cacheFolder, { recursive: true }));

  const find = (codepoint: string): Drawing[] =>
    data.drawings.filter((drawing) => drawing.codepoint === codepoint);

  it("has 1,500 drawings of 261 concepts in the core preset", () => {
    expect(data.drawings.length).to.equal(1500);
    expect(new Set(data.drawings.map((drawing) => drawing.codepoint)).size).to.equal(261);
    const pairs = data.drawings.map(({ codepoint, style }) => `${codepoint}/${style}`);
    expect(new Set(pairs).size, "pairs").to.equal(1500);
  });

  it("leaves out the Fluent drawings of what DreamBooth is to learn, and no others", () => {
    const withheld = ["1f431", "1f63a", "1f640", "1f427", "23f0", "1f438", "1f680"];
    for (const codepoint of withheld) {
      const styles = find(codepoint).map(({ style }) => style);
      expect(styles, codepoint).to.include.members(["noto", "twemoji"]);
      expect(styles, codepoint).to.not.include("3d").and.not.include("flat");
    }
    expect(find("1f408").map(({ style }) => style)).to.include.members(["3d", "flat"]);
  });

  it("names concepts in plain words, with their class", () => {
    expect(find("1f42b")[0]).to.include({ name: "two hump camel", noun: "camel" });
    expect(find("1f427")[0]).to.include({ name: "penguin", noun: "bird" });
    expect(find("1f98b")[0]!.noun).to.equal("insect");
    expect(find("1f34c")[0]).to.include({ name: "banana", noun: undefined });
  });

  it("does not flip what shows writing", () => {
    expect(find("1f6d1")[0]!.mayFlip, "stop sign").to.equal(false);
    expect(find("1f408")[0]!.mayFlip, "cat").to.equal(true);
  });

  it("gives every drawing something to see on transparent ground", () => {
    data.drawings.forEach(({ title, style }, i) => {
      const picture = data.picture(i);
      const alphas = picture.data.filter((_, at) => at % 4 === 3);
      const opaque = alphas.filter((alpha) => alpha > 127).length / alphas.length;
      expect([picture.width, picture.height]).to.deep.equal([16, 16]);
      // Metro signs and landscapes fill nearly all, a feather or a spider's web little.
      expect(opaque, `${title} (${style})`).to.be.within(0.1, 1);
    });
  });

  it("splits by pair, and keeps each concept in train", () => {
    expect(data.validation.length).to.be.within(60, 90);
    const all = [...data.train, ...data.validation].toSorted((a, b) => a - b);
    expect(all).to.deep.equal(data.drawings.map((_, i) => i));
    const known = new Set(data.train.map((i) => data.drawings[i]!.codepoint));
    for (const i of data.validation) expect(known).to.include(data.drawings[i]!.codepoint);
  });

  it("reads the cache to the same hash and rebuilds one that was damaged", async function () {
    this.timeout(180_000);
    built = 0;
    const again = await load();
    expect(again.sha256).to.equal(data.sha256);
    expect(again.picture(7)).to.deep.equal(data.picture(7));
    expect(built).to.equal(0);
    const pixels = readdirSync(cacheFolder).find((name) => name.endsWith(".rgba"))!;
    writeFileSync(path.join(cacheFolder, pixels), "damaged");
    expect((await load()).sha256).to.equal(data.sha256);
    expect(built).to.equal(1500);
  });

  it("leaves out CC-BY drawings when asked to", async function () {
    this.timeout(180_000);
    const { drawings } = await load({ licence: "permissive" });
    expect(new Set(drawings.map(({ style }) => style))).to.deep.equal(
      new Set(["3d", "flat", "noto", "blob"]),
    );
  });
});

describe("readConcepts()", () => {
  it("has 1,186 concepts in the full preset, the core ones among them", () => {
    const full = readConcepts("full");
    expect(full.length).to.equal(1186);
    const codepoints = new Set(full.map(({ codepoint }) => codepoint));
    for (const { codepoint } of readConcepts("core")) expect(codepoints).to.include(codepoint);
  });

  it("leaves out flags, symbols, clock faces by the hour and gendered people", () => {
    const titles = readConcepts("full").map(({ title }) => title);
    for (const absent of ["flag: Japan", "Aries", "one o’clock", "nine-thirty", "woman cook"]) {
      expect(titles).to.not.include(absent);
    }
    expect(titles).to.include.members(["alarm clock", "woman", "cat face"]);
  });

  it("knows every name that has a class noun", () => {
    const names = readConcepts("full").map(({ name }) => name);
    expect(names).to.include.members(namesWithClass());
  });
});

describe("splitDrawings()", () => {
  it("puts a pair on the same side whatever else there is", () => {
    const drawings = Array.from({ length: 400 }, (_, i) => ({
      codepoint: (i >> 2).toString(16),
      style: String(i & 3),
    }));
    const { validation } = splitDrawings(drawings, { seed: 1, fraction: 0.2 });
    expect(validation.length).to.be.within(50, 110);
    const half = splitDrawings(drawings.slice(0, 200), { seed: 1, fraction: 0.2 });
    expect(half.validation).to.deep.equal(validation.filter((i) => i < 200));
    const other = splitDrawings(drawings, { seed: 2, fraction: 0.2 });
    expect(other.validation).to.not.deep.equal(validation);
  });

  it("never takes a concept's last drawing", () => {
    const drawings = [
      { codepoint: "a", style: "x" },
      { codepoint: "a", style: "y" },
    ];
    expect(splitDrawings(drawings, { seed: 1, fraction: 1 })).to.deep.equal({
      train: [1],
      validation: [0],
    });
  });
});

describe("findPackage()", () => {
  it("says how to install what is missing", () => {
    expect(() => findPackage("@iconify-json/none")).to.throw(
      InputError,
      "npm install --save-dev @iconify-json/none",
    );
  });
});
