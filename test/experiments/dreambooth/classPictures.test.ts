import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { encodePng, InputError, rgbImage } from "seedbed";

import { classPictures } from "../../../experiments/dreambooth/classPictures.ts";
import type { DreamboothSettings } from "../../../experiments/dreambooth/settings.ts";
import { classPictureRun, plainSquares } from "./classPictureRun.ts";

describe("classPictures()", () => {
  const { run, settings, modelOf } = classPictureRun();

  /** Black ones at first. */
  let drawn: number[] = [];
  let brightness = -1;
  const generator = plainSquares(
    ({ seeds, width, height }) => {
      drawn.push(...seeds);
      expect([width, height]).to.deep.equal([16, 16]);
    },
    () => brightness,
  );
  beforeEach(async () => {
    brightness = -1;
    mkdirSync("own");
    for (const name of ["b", "a", "1000"]) writeFileSync(`own/${name}.png`, await picture());
  });

  const picture = () => encodePng(rgbImage(1, 1, Uint8Array.of(1, 2, 3)));

  /** Names of what is found with these settings of the class. */
  async function found(overrides: object, priorWeight = 1): Promise<string[]> {
    drawn = [];
    const { data, loss } = settings();
    const wanted: DreamboothSettings = {
      ...settings(),
      loss: { ...loss, priorWeight },
      data: { ...data, class: { ...data.class, ...overrides } },
    };
    const context = { run: run(), signal: new AbortController().signal, print() {} };
    const files = await classPictures(modelOf(generator), wanted, context);
    return files.map((file) => path.basename(file));
  }

  it("are the user's own first, then as many of the model's as they lack", async () => {
    const before = readdirSync("own").map((name) => readFileSync(`own/${name}`));
    expect(await found({ folder: "own", count: 5 })).to.deep.equal([
      "1000.png",
      "a.png",
      "b.png",
      "1000.png",
      "1001.png",
    ]);
    expect([...new Set(drawn)]).to.deep.equal([1000, 1001]);
    expect(readdirSync("own").map((name) => readFileSync(`own/${name}`))).to.deep.equal(before);
    expect(readdirSync(run().path("class-images"))).to.deep.equal(["1000.png", "1001.png"]);
  });

  it("are all of the user's, and nothing is drawn, where there are enough", async () => {
    expect(await found({ folder: "own", count: 2 })).to.deep.equal(["1000.png", "a.png", "b.png"]);
    expect(drawn).to.deep.equal([]);
  });

  it("are found again when more are wanted", async () => {
    await found({ count: 2 });
    expect(await found({ count: 3 })).to.deep.equal(["1000.png", "1001.png", "1002.png"]);
    expect([...new Set(drawn)]).to.deep.equal([1002]);
  });

  it("are the run's own copies when it goes on, though the cache is lost", async () => {
    await found({ folder: "own", count: 5 });
    mkdirSync(run().checkpointsFolder);
    rmSync(".cache", { recursive: true });
    const files = ["1000.png", "a.png", "b.png", "1000.png", "1001.png"];
    expect(await found({ folder: "own", count: 5 })).to.deep.equal(files);
    expect(drawn).to.deep.equal([]);
    rmSync(run().path("class-images/1001.png"));
    expect(await found({ folder: "own", count: 5 })).to.deep.equal(files);
    expect([...new Set(drawn)]).to.deep.equal([1000, 1001]);
    expect(readdirSync(run().path("class-images"))).to.deep.equal(["1000.png", "1001.png"]);
  });

  it("do not take the place of those that a run was begun with", async () => {
    await found({ count: 2 });
    mkdirSync(run().checkpointsFolder);
    rmSync(run().path("class-images/1001.png"));
    const begunWith = readFileSync(run().path("class-images/1000.png"));
    rmSync(".cache", { recursive: true });
    brightness = 1;
    const error: unknown = await found({ count: 2 }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.include('expected the data "class" that it was begun with');
    expect(readdirSync(run().path("class-images"))).to.deep.equal(["1000.png"]);
    expect(readFileSync(run().path("class-images/1000.png"))).to.deep.equal(begunWith);
  });

  it("are none where the prior has no weight", async () => {
    expect(await found({ folder: "own" }, 0)).to.deep.equal([]);
  });
});
