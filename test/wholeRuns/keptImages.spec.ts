import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { temporaryFolder } from "../support/temporaryFolder.ts";

describe("keptImages(), killed while drawing", () => {
  const temporary = temporaryFolder();

  /** Draws ten images with seeds 100 to 109 in a process of its own. */
  function draw(folder: string, batchSize: number): ChildProcess {
    const script = "test/wholeRuns/drawKeptImages.ts";
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
