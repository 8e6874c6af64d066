import { expect } from "chai";
import { describe, it } from "mocha";

import { callKey } from "../../../../experiments/nano/data/callKey.ts";
import { renderChat, type ChatMessage } from "../../../../experiments/nano/data/chat.ts";
import { checkedCall } from "../../../../experiments/nano/data/checkedCall.ts";
import { dialogues, type Dialogue } from "../../../../experiments/nano/data/dialogues.ts";
import { evaluationSets } from "../../../../experiments/nano/data/evaluationSets.ts";
import { hasFewCalls } from "../../../../experiments/nano/data/fewCalls.ts";
import { readCalls, scoreCalls } from "../../../../experiments/nano/scores/toolCalls.ts";
import { findTool, isHeldOut, tools } from "../../../../experiments/nano/tools/index.ts";
import type { Tool } from "../../../../experiments/nano/tools/tool.ts";

const train = dialogues({ seed: 0, split: "train", count: 300 });
const test = dialogues({ seed: 0, split: "test", count: 60 });
const heldOut = dialogues({ seed: 0, split: "test", count: 60, heldOut: true });

/** Calls of a dialogue, with the results that were given for them. */
function callsOf({ messages }: Dialogue) {
  const results = messages.filter(({ role }) => role === "tool");
  return messages
    .flatMap(({ tool_calls: calls = [] }) => calls)
    .map(({ id, function: { name, arguments: given } }) => ({
      name,
      given: JSON.parse(given),
      result: results.find(({ tool_call_id: answered }) => answered === id)?.content,
    }));
}

const keysOf = (
  some: readonly Dialogue[],
  isMeant: (tool: Tool) => boolean = () => true,
): string[] =>
  some.flatMap((dialogue) =>
    callsOf(dialogue)
      .filter(({ name }) => isMeant(findTool(name)!))
      .map(({ name, given }) => callKey(name, given)),
  );

describe("dialogues()", () => {
  it("gives the same for the same seed, whatever the count", () => {
    expect(dialogues({ seed: 0, split: "train", count: 5 })).to.deep.equal(train.slice(0, 5));
    const others = dialogues({ seed: 1, split: "train", count: 5 });
    expect(others).to.not.deep.equal(train.slice(0, 5));
  });

  it("shows results that running the functions again gives", () => {
    for (const dialogue of [...train, ...test, ...heldOut]) {
      for (const { name, given, result } of callsOf(dialogue)) {
        expect(JSON.stringify(checkedCall(findTool(name)!, given))).to.equal(result);
      }
    }
  });

  it("offers every function that is called, and none twice", () => {
    for (const dialogue of [...train, ...heldOut]) {
      const offered = dialogue.tools.map((each) => each.function.name);
      expect(offered).to.include.members(callsOf(dialogue).map(({ name }) => name));
      expect(new Set(offered).size).to.equal(offered.length);
    }
  });

  it("has no call of the test in training, and the functions of the test nowhere in it", () => {
    const seen = new Set(keysOf(train));
    const own = keysOf(test, (tool) => !hasFewCalls(tool));
    expect(own.length).to.be.above(50);
    expect(own.filter((key) => seen.has(key))).to.deep.equal([]);
    const names = train.flatMap(({ tools }) => tools.map((each) => each.function.name));
    expect(names.filter((name) => isHeldOut({ name }))).to.deep.equal([]);
    const others = heldOut.flatMap(({ tools }) => tools.map((each) => each.function.name));
    expect(others.every((name) => isHeldOut({ name }))).to.equal(true);
  });

  it("has all calls of functions with few in training: none is told never to occur", () => {
    const many = dialogues({ seed: 0, split: "train", count: 1500 });
    const planets = keysOf(many, ({ name }) => name === "planet_position");
    expect(new Set(planets).size).to.equal(8);
    const few = tools.filter(hasFewCalls).map(({ name }) => name);
    expect(few).to.have.members([
      ...["atomic_number", "colour_code", "element_symbol", "factorial"],
      ...["opening_hours", "planet_position"],
    ]);
  });

  it("has all kinds, in turns that begin with the user and end with the assistant", () => {
    expect(new Set(train.map(({ kind }) => kind)).size).to.equal(5);
    for (const { kind, messages } of train) {
      const roles = messages.map(({ role }) => role).filter((role) => role !== "system");
      expect([roles[0], roles.at(-1)]).to.deep.equal(["user", "assistant"]);
      const calls = messages
        .filter((message) => message.tool_calls)
        .map((message) => message.tool_calls!.length);
      if (kind === "noCall") expect(calls).to.deep.equal([]);
      if (kind === "parallel") expect(calls).to.deep.equal([2]);
      if (kind === "followUp") expect(calls).to.deep.equal([1, 1]);
    }
  });

  it("can be read back from the text that a model sees", () => {
    for (const dialogue of train.slice(0, 50)) {
      const { calls, errors } = readCalls(renderChat(dialogue.messages));
      expect(errors).to.deep.equal([]);
      expect(calls.map((call) => callKey(call.name, call.arguments))).to.deep.equal(
        keysOf([dialogue]),
      );
    }
  });
});

describe("evaluationSets()", () => {
  const { calls } = evaluationSets([], { validation: [], test, heldOut });

  it("ends each prompt before the assistant's first call", () => {
    const said = calls.test.map(({ heldOut: isKept, messages }) =>
      JSON.stringify([isKept, ...messages.filter(({ role }) => role !== "system")]),
    );
    expect(new Set(said).size).to.equal(said.length);
    expect(said.length).to.be.above(110);
    for (const { kind, messages, calls: expected } of calls.test) {
      expect(messages.some((message: ChatMessage) => message.tool_calls !== undefined)).to.equal(
        false,
      );
      expect(messages.at(-1)!.role).to.equal("user");
      expect(expected.length > 0, kind).to.equal(kind !== "noCall");
    }
  });

  it("has answers that score 1", () => {
    for (const { calls: expected, tools } of calls.test) {
      const said = expected
        .map((call) => `<tool_call>${JSON.stringify(call)}</tool_call>`)
        .join("\n");
      const offered = tools.map((each) => each.function.name);
      expect(scoreCalls(expected, said, offered)).to.deep.equal({ valid: 1, names: 1, exact: 1 });
    }
  });
});
