import { expect } from "chai";
import { describe, it } from "mocha";

import {
  rules,
  ruleDimensions,
  ruleWeights,
} from "../../../../../framework/serve/routing/routers/rules.ts";

const asked = (content: string, promptTokens = 50) => ({
  request: { messages: [{ role: "user" as const, content }] },
  promptTokens,
});

describe("rules()", () => {
  it("weighs its dimensions to 1", () => {
    const sum = Object.values(ruleWeights).reduce((total, weight) => total + weight, 0);
    expect(sum).to.be.closeTo(1, 1e-12);
  });

  for (const [content, tokens, dimensions] of [
    ["Hello!", 5, { tokenCount: -1, simpleIndicators: -1, codePresence: 0 }],
    ["What is the capital of France?", 50, { tokenCount: 0, simpleIndicators: -1 }],
    ["Refactor this function.", 50, { codePresence: 1, reasoningMarkers: 0 }],
    ["Explain why, step by step.", 50, { reasoningMarkers: 1, codePresence: 0 }],
    ["the consensus", 500, { tokenCount: 1, technicalTerms: 0.5 }],
    ["First add them, then say which is larger.", 50, { multiStepPatterns: 1 }],
    ["1. add\n2. multiply", 50, { multiStepPatterns: 1 }],
    ["A? B? C? D?", 50, { questionComplexity: 1 }],
    ["reasonable classes", 50, { reasoningMarkers: 0, codePresence: 0 }],
  ] as const) {
    it(`sees ${Object.keys(dimensions).join(", ")} of ${JSON.stringify(content)}`, () => {
      expect(ruleDimensions(asked(content, tokens))).to.include(dimensions);
    });
  }

  it("adds up what the dimensions say, and never goes below 0", () => {
    const { score } = rules();
    expect(score(asked("Hello!", 5))).to.equal(0);
    const hard = "Analyze step by step the consensus algorithm's latency. ```code```";
    expect(score(asked(hard, 500))).to.be.closeTo(0.1 + 0.3 + 0.25 + 0.25, 1e-12);
  });

  it("reads all that users said, and nobody else", () => {
    const request = {
      messages: [
        { role: "system" as const, content: "Analyze step by step." },
        { role: "user" as const, content: [{ type: "text", text: "Refactor the function" }] },
        { role: "assistant" as const, content: "Which algorithm?" },
        { role: "user" as const, content: "Any." },
      ],
    };
    const dimensions = ruleDimensions({ request, promptTokens: 50 });
    expect(dimensions).to.include({ codePresence: 1, reasoningMarkers: 0 });
  });
});
