import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";
import { hostTensor, type GenerateRequest, type TextToImage } from "seedbed";

import { keptImages } from "../../../experiments/dreambooth/keptImages.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Draws plain squares whose brightness is the seed, and counts the images made. */
function plainGenerator(): Pick<TextToImage, "generate"> & { made: number[] } {
  const made: number[] = [];
  return {
    made,
    async generate({ seeds }: GenerateRequest) {
      made.push(...seeds);
      const values = Float32Array.from({ length: seeds.length * 12 }, (_, i) => {
        return seeds[Math.floor(i / 12)]! / 100;
      });
      return hostTensor(values, [seeds.length, 3, 2, 2]);
    },
  };
}

describe("keptImages()", () => {
  const temporary = temporaryFolder();
  const settings = () => ({
    modelHash: "m",
    scheduler: { name: "s" },
    size: 2,
    prompt: "a cat",
    count: 5,
    seed: 10,
    steps: 2,
    guidanceScale: 3,
    eta: 0,
    batchSize: 2,
    cacheFolder: temporary.path("cache"),
    signal: new AbortController().signal,
    onProgress() {},
  });

  it("draws nothing the second time", async () => {
    const generator = plainGenerator();
    const files = await keptImages({ generator, ...settings() });
    expect(files.map((file) => file.split("/").at(-1))).to.deep.equal(
      ["10", "11", "12", "13", "14"].map((seed) => `${seed}.png`),
    );
    const again = plainGenerator();
    expect(await keptImages({ generator: again, ...settings() })).to.deep.equal(files);
    expect(again.made).to.deep.equal([]);
  });

  it("draws only what is missing, to the same bytes", async () => {
    const files = await keptImages({ generator: plainGenerator(), ...settings() });
    const bytes = files.map((file) => readFileSync(file));
    rmSync(files[1]!);
    const generator = plainGenerator();
    await keptImages({ generator, ...settings() });
    expect(new Set(generator.made)).to.deep.equal(new Set([11]));
    expect(files.map((file) => readFileSync(file))).to.deep.equal(bytes);
  });

  it("keeps apart what differs in any setting that decides a pixel", async () => {
    const base = await keptImages({ generator: plainGenerator(), ...settings() });
    for (const change of [
      { modelHash: "n" },
      { scheduler: { name: "t" } },
      { size: 4 },
      { prompt: "a dog" },
      { steps: 3 },
      { guidanceScale: 4 },
      { eta: 1 },
    ]) {
      const generator = plainGenerator();
      const files = await keptImages({ generator, ...settings(), ...change });
      expect(generator.made, JSON.stringify(change)).to.have.length.above(0);
      expect(files[0]).not.to.equal(base[0]);
    }
  });
});

describe("keptImages(), killed while drawing", () => {
  const temporary = temporaryFolder();

  /** Draws ten images with seeds 100 to 109 in a process of its own. */
  function draw(folder: string, batchSize: number): ChildProcess {
    const script = "test/experiments/dreambooth/drawKeptImages.ts";
    return spawn(
      process.execPath,
      ["--import", "tsx", script, temporary.path(folder), String(batchSize)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
  }

  /** The seeds that a process asked for until its end. */
  async function seedsOf(child: ChildProcess): Promise<number[]> {
    let told = "";
    child.stdout!.on("data", (text: Buffer) => (told += text.toString()));
    await once(child, "close");
    const lines: number[][] = told
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    return lines.flat();
  }

  /** Finished images by name. */
  function imagesIn(folder: string): Map<string, { bytes: Buffer; writtenMs: number }> {
    const parent = temporary.path(folder);
    const [key] = existsSync(parent) ? readdirSync(parent) : [];
    if (key === undefined) return new Map();
    const names = readdirSync(path.join(parent, key)).filter((name) => name.endsWith(".png"));
    return new Map(
      names.map((name) => {
        const file = path.join(parent, key, name);
        return [name, { bytes: readFileSync(file), writtenMs: statSync(file).mtimeMs }];
      }),
    );
  }

  it("leaves whole images, and the next run draws the others, to the same bytes", async function kill() {
    this.timeout(120_000);
    const alone = draw("alone", 4); // other images together than in the killed run
    await seedsOf(alone);
    const whole = imagesIn("alone");
    expect(whole.size).to.equal(10);

    const killed = draw("killed", 3);
    const ended = seedsOf(killed);
    while (killed.exitCode === null && imagesIn("killed").size < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    killed.kill("SIGKILL");
    await ended;
    const left = imagesIn("killed");
    expect(left.size, "images at the time of the kill").to.be.within(2, 9);

    const drawn = new Set(await seedsOf(draw("killed", 3)));
    const finished = imagesIn("killed");
    const names = [...whole.keys()];
    expect([...finished.keys()]).to.deep.equal(names);
    for (const name of names) {
      expect(finished.get(name)!.bytes.equals(whole.get(name)!.bytes), name).to.equal(true);
      expect(drawn.has(Number.parseInt(name, 10)), `drew ${name}`).to.equal(!left.has(name));
    }
    for (const [name, { writtenMs }] of left) {
      expect(finished.get(name)!.writtenMs, name).to.equal(writtenMs);
    }
  });
});
