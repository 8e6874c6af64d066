import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { hostTensor } from "../../../framework/base/hostTensor.ts";
import { RandomStream } from "../../../framework/base/random.ts";
import { cachedDataset } from "../../../framework/data/cachedDataset.ts";
import type { Dataset, Example } from "../../../framework/data/dataset.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { numbersExample } from "./examples.ts";
import { rejection } from "./rejection.ts";

describe("cachedDataset()", () => {
  const folder = temporaryFolder();
  const files = (): string[] => readdirSync(folder.path("cache")).toSorted();

  /** Notes which examples are made. */
  function counting(length: number, made: number[]): Dataset {
    return {
      length,
      get(index, random) {
        made.push(index);
        return { ...numbersExample(index, index / 3), drawn: hostTensor(random.uniforms(1), []) };
      },
    };
  }

  function cached(dataset: Dataset, key = "a", shardExamples = 2): Dataset {
    return cachedDataset(dataset, { folder: folder.path("cache"), key, shardExamples });
  }

  /** An example, whatever the loader's stream. */
  async function get(dataset: Dataset, index: number, step = 0): Promise<Example> {
    return dataset.get(index, new RandomStream(9, "loader", step));
  }

  it("makes every example once, a file at a time", async () => {
    const made: number[] = [];
    const dataset = cached(counting(5, made));
    expect(dataset.length).to.equal(5);
    await get(dataset, 3);
    expect(made).to.deep.equal([2, 3]);
    await get(dataset, 2);
    await get(dataset, 4);
    expect(made).to.deep.equal([2, 3, 4]);
    expect(files().map((name) => name.replace(/^\w{32}-/, ""))).to.deep.equal([
      "00002-of-00003.safetensors",
      "00003-of-00003.safetensors",
    ]);
  });

  it("makes a file once for calls at the same time", async () => {
    const made: number[] = [];
    const dataset = cached(counting(4, made));
    await Promise.all([0, 1, 0].map((index) => get(dataset, index)));
    expect(made).to.deep.equal([0, 1]);
  });

  it("gives equal examples from the disk, in another program and another epoch", async () => {
    const made: number[] = [];
    const first = await get(cached(counting(4, made)), 1, 0);
    const second = await get(cached(counting(4, made)), 1, 7);
    expect(made).to.deep.equal([0, 1]);
    expect(second).to.deep.equal(first);
    expect(first["x"]).to.deep.equal(hostTensor(Float32Array.of(1, 1 / 3), [2]));
    expect(first["id"]).to.deep.equal(hostTensor(Int32Array.of(1), []));
  });

  it("keeps every bit, and entries of any name and shape", async () => {
    const values = Float32Array.of(NaN, -0, Infinity, 1e-45, 0.1, 3);
    const example = {
      "image/small": hostTensor(values, [1, 3, 2]),
      __metadata__: hostTensor(Int32Array.of(-(2 ** 31)), [1]),
      none: hostTensor(new Float32Array(0), [0, 4]),
    };
    const read = await get(cached({ length: 1, get: () => example }), 0);
    expect(read).to.deep.equal(example);
    expect(Object.is(read["image/small"]!.values[1], -0)).to.equal(true);
  });

  it("keeps examples of different shapes", async () => {
    const dataset = cached({
      length: 2,
      get: (index) => numbersExample(...Array(index + 1).fill(7)),
    });
    expect((await get(dataset, 0))["x"]!.shape).to.deep.equal([1]);
    expect((await get(dataset, 1))["x"]!.shape).to.deep.equal([2]);
  });

  const others = [
    { title: "another key", open: (made: number[]) => cached(counting(4, made), "b") },
    { title: "another length", open: (made: number[]) => cached(counting(3, made)) },
    { title: "another shard size", open: (made: number[]) => cached(counting(4, made), "a", 3) },
  ];
  for (const { title, open } of others) {
    it(`uses other files for ${title}`, async () => {
      await get(cached(counting(4, [])), 0);
      const made: number[] = [];
      await get(open(made), 0);
      expect(made).to.not.deep.equal([]);
      expect(files()).to.have.length(2);
    });
  }

  it("leaves nothing behind when an example fails, and tries again", async () => {
    let isBroken = true;
    const dataset = cached({
      length: 2,
      get(index) {
        if (isBroken && index === 1) throw new Error("torn");
        return numbersExample(index);
      },
    });
    const error = await get(dataset, 0).catch((cause: unknown) => cause);
    expect(error).to.include({ message: "torn" });
    expect(() => files()).to.throw("ENOENT");
    isBroken = false;
    expect(await get(dataset, 1)).to.deep.equal(numbersExample(1));
  });

  const damages = [
    {
      title: "is shorter",
      damage: (file: string) => truncateSync(file, 200),
      reason: /the file is truncated or of another format/,
    },
    {
      title: "is something else",
      damage: (file: string) => writeFileSync(file, "not safetensors at all"),
      reason: /header length must be/,
    },
    {
      title: "has another bit",
      damage(file: string) {
        const bytes = readFileSync(file);
        bytes[bytes.length - 1]! ^= 1;
        writeFileSync(file, bytes);
      },
      reason: /Cannot read example 1: it differs from what was written/,
    },
  ];
  for (const { title, damage, reason } of damages) {
    it(`says how to go on when a file ${title}`, async () => {
      const whole = { length: 2, get: (index: number) => numbersExample(index) };
      await get(cached(whole), 0);
      const file = path.join(folder.path("cache"), files()[0]!);
      damage(file);
      const dataset = cached(whole);
      const message = await rejection(get(dataset, 1));
      expect(message).to.match(reason);
      expect(message).to.include(`Cannot use cached examples in ${file}: `);
      expect(message).to.match(/; delete the file to have it made again$/);
      rmSync(file);
      expect(await get(dataset, 1)).to.deep.equal(numbersExample(1));
    });
  }

  it("refuses files of no examples", () => {
    expect(() => cached(counting(2, []), "a", 0)).to.throw(
      RangeError,
      "shardExamples must be an integer >= 1, got 0",
    );
  });
});
