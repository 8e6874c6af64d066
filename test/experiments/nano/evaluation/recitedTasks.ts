import { renderChat, toolSpec } from "../../../../experiments/nano/data/chat.ts";
import type { NanoEvaluation } from "../../../../experiments/nano/data/evaluationSets.ts";
import { findTool } from "../../../../experiments/nano/tools/index.ts";

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
/** Three questions, three that functions fit, and four that none does. */
export const evaluation: NanoEvaluation = {
  questions: { validation: [], test: questions },
  calls: { validation: [], test: calls },
};

const prompt = (content: string, offered: typeof tools = []): string =>
  renderChat([{ role: "user", content }], { tools: offered, addGenerationPrompt: true });
const call = (a: number): string =>
  `<tool_call>\n{"name":"subtract","arguments":{"b":3,"a":${a}}}\n</tool_call>`;

/** What a model says to each prompt: some of it is right. */
export const turns: ReadonlyMap<string, string> = new Map([
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
