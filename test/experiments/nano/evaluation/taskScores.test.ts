import { expect } from "chai";
import { describe, it } from "mocha";
import { Tokenizer, trainBytePairs } from "seedbed";

import {
  endOfText,
  endOfTurn,
  renderChat,
  reservedTokens,
  toolSpec,
} from "../../../../experiments/nano/data/chat.ts";
import type { NanoEvaluation } from "../../../../experiments/nano/data/evaluationSets.ts";
import { taskScores } from "../../../../experiments/nano/evaluation/taskScores.ts";
import { findTool } from "../../../../experiments/nano/tools/index.ts";
import { reciter } from "./reciter.ts";

const files = trainBytePairs([], {
  vocabularySize: reservedTokens.length + 256,
  reserved: reservedTokens,
  endToken: endOfTurn,
  padToken: endOfText,
  maxLength: 1024,
});
const tokenizer = new Tokenizer(files.tokenizer, files.config);

const split = "test";
const questions = [
  { source: "countries", split, question: "What is the capital of Norway?", answer: "Oslo." },
  { source: "countries", split, question: "What is the capital of France?", answer: "Paris." },
  { source: "words", split, question: "What is a heron?", answer: "A grey bird." },
] as const;
const tools = [toolSpec(findTool("subtract")!)];
const asked = (content: string, heldOut = false): NanoEvaluation["calls"]["test"][number] => ({
  ...{ kind: "single", heldOut, tools, messages: [{ role: "user", content }] },
  calls: [{ name: "subtract", arguments: { a: 5, b: 3 } }],
});
const greeted = (content: string): NanoEvaluation["calls"]["test"][number] => ({
  ...asked(content),
  ...{ kind: "noCall", calls: [] },
});
const calls = [
  ...[asked("5 - 3?"), asked("Take 3 from 5."), asked("5 minus 3", true)],
  ...[greeted("Hello!"), greeted("Hey!"), greeted("Hmm."), greeted("Bye.")],
];
const evaluation: NanoEvaluation = {
  questions: { validation: [], test: questions },
  calls: { validation: [], test: calls },
};

const prompt = (content: string, offered: typeof tools = []): string =>
  renderChat([{ role: "user", content }], { tools: offered, addGenerationPrompt: true });
const call = (a: number): string =>
  `<tool_call>\n{"name":"subtract","arguments":{"b":3,"a":${a}}}\n</tool_call>`;

describe("taskScores()", () => {
  const turns = new Map([
    [prompt("What is the capital of Norway?"), "oslo"],
    [prompt("What is the capital of France?"), "Lyon."],
    [prompt("What is a heron?"), "A bird."],
    [prompt("5 - 3?", tools), call(5)],
    [prompt("Take 3 from 5.", tools), call(7)],
    [prompt("5 minus 3", tools), "2."],
    [prompt("Hello!", tools), "Hi."],
    [prompt("Hey!", tools), "Hi."],
    [prompt("Hmm.", tools), " "],
    [prompt("Bye.", tools), call(5)],
  ]);

  it("compares answers and calls, and means over groups", async () => {
    const engine = reciter(tokenizer, turns);
    const {
      groups,
      counts,
      calls: shares,
      score,
    } = await taskScores({
      ...{ engine, tokenizer, evaluation },
    });
    const overlap = 2 / 3; // "bird" of "grey bird"
    expect(groups).to.deep.equal({ words: overlap, countries: 0.5, tools: 0.5, toolsHeldOut: 0 });
    expect(counts).to.deep.equal({ words: 1, countries: 2, tools: 2, toolsHeldOut: 1 });
    expect(score).to.be.closeTo((overlap + 1) / 4, 1e-12);
    expect(shares, "only a word and no call is right where no function fits").to.deep.equal({
      ...{ "tools.valid": 1, "tools.names": 1, "tools.noCall": 0.5 },
      ...{ "toolsHeldOut.valid": 1, "toolsHeldOut.names": 0 },
    });
  });

  it("asks for at most `limit` items of a group", async () => {
    const told: string[] = [];
    const { counts } = await taskScores({
      ...{ engine: reciter(tokenizer, turns), tokenizer, evaluation, limit: 1 },
      onProgress: (done, of) => told.push(`${done}/${of}`),
    });
    expect(counts).to.deep.equal({ words: 1, countries: 1, tools: 1, toolsHeldOut: 1 });
    expect(told).to.deep.equal(["1/5", "2/5", "3/5", "4/5", "5/5"]);
  });
});
