import { expect } from "chai";
import { describe, it } from "mocha";

import { checkedCall } from "../../../../experiments/nano/data/checkedCall.ts";
import { commonNouns } from "../../../../experiments/nano/data/commonNouns.ts";
import { dialogues } from "../../../../experiments/nano/data/dialogues.ts";
import { readWordNet } from "../../../../experiments/nano/data/wordNet.ts";
import { findTool, tools } from "../../../../experiments/nano/tools/index.ts";
import { inventTools } from "../../../../experiments/nano/tools/invented.ts";
import { fill } from "../../../../experiments/nano/tools/tool.ts";
import { plainWords } from "../../../../experiments/nano/tools/words.ts";
import { RandomStream } from "../../../../framework/base/random.ts";

const invented = inventTools({ seed: 0, count: 120, words: plainWords });

describe("inventTools()", () => {
  it("gives the same for the same seed, whatever the count", () => {
    const describeAll = (some: typeof invented): string => JSON.stringify(some);
    const few = inventTools({ seed: 0, count: 10, words: plainWords });
    expect(describeAll(few)).to.equal(describeAll(invented.slice(0, 10)));
    const others = inventTools({ seed: 1, count: 10, words: plainWords });
    expect(describeAll(others)).to.not.equal(describeAll(few));
  });

  it("gives names of their own that no real function has", () => {
    expect(new Set(invented.map(({ name }) => name)).size).to.equal(120);
    const real = tools.map(({ name }) => name);
    const colliding = real.flatMap((name) => name.split("_").slice(1, 2));
    for (const { name } of inventTools({ seed: 0, count: 100, words: colliding })) {
      expect(findTool(name), name).to.equal(undefined);
    }
  });

  it("refuses more names than its words have", () => {
    const options = { seed: 0, count: 100, words: plainWords.slice(0, 5) };
    expect(() => inventTools(options)).to.throw(RangeError, "at most 50 of 5 words");
  });

  it("answers every call that is drawn, which its schema allows, in words", () => {
    for (const tool of invented) {
      for (let i = 0; i < 5; i++) {
        const call = tool.draw(new RandomStream(3, tool.name, i));
        const result = checkedCall(tool, call.arguments);
        const values = { ...call.arguments, ...call.words };
        for (const template of [...tool.asks, ...tool.then]) {
          for (const name of tool.parameters.required) expect(template).to.include(`{${name}}`);
          expect(fill(template, values)).to.not.match(/[{}]|undefined|NaN/);
        }
        for (const template of tool.says) fill(template, { ...values, ...result });
        for (const { ask, question } of tool.incomplete) {
          expect(tool.parameters.required.some((name) => !ask.includes(`{${name}}`))).to.equal(
            true,
          );
          fill(ask + question, values);
        }
      }
    }
  });

  it("makes dialogues that offer what they call, and nothing real", () => {
    const names = new Set(invented.map(({ name }) => name));
    for (const { tools: offered, messages } of dialogues({
      ...{ seed: 0, split: "train", count: 60, invented },
    })) {
      const given = offered.map((each) => each.function.name);
      expect([...names]).to.include.members(given);
      for (const { tool_calls: calls = [] } of messages) {
        for (const call of calls) expect(given).to.include(call.function.name);
      }
    }
  });
});

describe("commonNouns()", () => {
  it("are words that people use, in order", () => {
    const nouns = commonNouns(readWordNet());
    expect(nouns).to.include.members(["garden", "river", "teacher"]);
    expect(nouns).to.not.include.members(["abscissa"]);
    expect(nouns).to.deep.equal([...new Set(nouns)].toSorted());
  });
});
