import { writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { SpecError } from "../../../../framework/base/errors.ts";
import { costOf } from "../../../../framework/serve/prices/modelPrice.ts";
import { readPriceTable } from "../../../../framework/serve/prices/priceTable.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

describe("readPriceTable()", () => {
  const folder = temporaryFolder();

  function read(text: string): ReturnType<typeof readPriceTable> {
    const file = folder.path("prices.yaml");
    writeFileSync(file, text);
    return readPriceTable(file);
  }

  it("reads prices as whole pico-dollars", () => {
    const prices = read(
      "models:\n  a: { prompt: 1.0e-7, cachedPrompt: 2.5e-8, completion: 4e-7 }\n",
    );
    expect(prices.get("a")).to.deep.equal({
      ...{ prompt: 100_000n, cachedPrompt: 25_000n, completion: 400_000n },
    });
  });

  for (const [title, text, problem] of [
    [
      "a price below 0",
      "models:\n  a:\n    prompt: -1.0e-7\n    cachedPrompt: 0\n    completion: 0\n",
      /prices\.yaml:3 at \/models\/a\/prompt: expected a number >= 0, got -1e-7$/,
    ],
    [
      "a fraction of a pico-dollar",
      "models:\n  a:\n    prompt: 0\n    cachedPrompt: 2.5e-13\n    completion: 0\n",
      /prices\.yaml:4 at \/models\/a\/cachedPrompt: expected a whole number of pico-dollars/,
    ],
    [
      "a price that is left out",
      "models:\n  a: { prompt: 0, cachedPrompt: 0 }\n",
      /prices\.yaml:2 at \/models\/a\/completion: expected a number >= 0, got nothing$/,
    ],
    [
      "another kind of price",
      "models:\n  a: { prompt: 0, cachedPrompt: 0, completion: 0, picture: 1 }\n",
      /prices\.yaml:2 at \/models\/a\/picture: unknown key "picture"/,
    ],
    ["no models", "{}\n", /at \/models: expected a mapping, got nothing$/],
  ] as const) {
    it(`refuses ${title}, and says where`, () => {
      expect(() => read(text)).to.throw(SpecError, problem);
    });
  }
});

describe("costOf()", () => {
  const price = { prompt: 100_000n, cachedPrompt: 25_000n, completion: 400_000n };

  it("charges what was computed before less, and what was said more", () => {
    const tokens = { promptTokens: 100, cachedTokens: 60, completionTokens: 7 };
    expect(costOf(price, tokens)).to.equal(40n * 100_000n + 60n * 25_000n + 7n * 400_000n);
  });

  it("is exact where floating point is not", () => {
    const tokens = { promptTokens: 2 ** 40 + 1, cachedTokens: 0, completionTokens: 1 };
    expect(costOf(price, tokens)).to.equal(109_951_162_777_600_000n + 100_000n + 400_000n);
  });
});
