import { expect } from "chai";
import { describe, it } from "mocha";
import { hostTensor, RandomStream } from "seedbed";

import { promptSource, shuffled } from "../../../experiments/dreambooth/promptSource.ts";

const plain = { shuffleCaptions: false, keepParts: 1, captionDropout: 0 };

/** Prompts of 200 visits, each as the encoder is given it, and how often. */
function visits(prompts: readonly string[], settings: object): Map<string, number> {
  const seen: string[] = [];
  const source = promptSource(prompts, { ...plain, ...settings }, (text) => {
    seen.push(text);
    return hostTensor(Int32Array.of(0), [1]);
  });
  for (let visit = 0; visit < 200; visit++) source(new RandomStream(3, "visit", visit));
  const counts = new Map<string, number>();
  for (const text of seen) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

describe("promptSource()", () => {
  it("gives the only prompt at every visit", () => {
    expect(visits(["a sks cat"], {})).to.deep.equal(new Map([["a sks cat", 200]]));
  });

  it("gives each of several about equally often", () => {
    const counts = visits(["a", "b"], {});
    expect(counts.get("a")! + counts.get("b")!).to.equal(200);
    expect(counts.get("a")).to.be.within(80, 120);
  });

  it("leaves the prompt out as often as asked", () => {
    expect(visits(["a"], { captionDropout: 0.25 }).get("")).to.be.within(35, 65);
    expect(visits(["a"], { captionDropout: 1 })).to.deep.equal(new Map([["", 200]]));
  });

  it("shuffles the parts of a caption, but those that are kept", () => {
    const counts = visits(["sks cat, asleep, red"], { shuffleCaptions: true });
    expect([...counts.keys()].toSorted()).to.deep.equal([
      "sks cat, asleep, red",
      "sks cat, red, asleep",
    ]);
    expect(visits(["a, b, c"], { shuffleCaptions: true, keepParts: 0 }).size).to.equal(6);
  });

  it("gives the first prompt as it is written where nothing is left to chance", () => {
    const settings = { shuffleCaptions: true, keepParts: 0, captionDropout: 1 };
    const texts: string[] = [];
    promptSource(["a, b", "c"], settings, (text) => {
      texts.push(text);
      return hostTensor(Int32Array.of(0), [1]);
    })();
    expect(texts).to.deep.equal(["a, b"]);
  });
});

describe("shuffled()", () => {
  it("leaves a caption of one part as it is", () => {
    expect(shuffled("a sks cat", 0, new RandomStream(1, "x"))).to.equal("a sks cat");
  });
});
