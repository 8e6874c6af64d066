import { expect } from "chai";
import { describe, it } from "mocha";

import { checkedCall, schemaErrors } from "../../../../experiments/nano/data/checkedCall.ts";
import { findTool, isHeldOut, tools } from "../../../../experiments/nano/tools/index.ts";
import { fill, inWords } from "../../../../experiments/nano/tools/tool.ts";
import type { JsonObject } from "../../../../framework/base/json.ts";
import { RandomStream } from "../../../../framework/base/random.ts";

describe("nano's functions", () => {
  it("have names of their own", () => {
    expect(new Set(tools.map(({ name }) => name)).size).to.equal(tools.length);
    expect(tools.length).to.be.at.least(40);
  });

  it("are kept for the test by a hash of their names", () => {
    expect(tools.filter(isHeldOut).map(({ name }) => name)).to.deep.equal([
      ...["add", "multiply", "divide", "round_number", "days_between", "days_in_month"],
      ...["is_palindrome", "largest_number", "median", "get_continent", "rgb_to_hex"],
      ...["circle_area", "triangle_area"],
    ]);
  });

  for (const tool of tools) {
    it(`${tool.name} answers every call that is drawn for it, in words`, () => {
      for (let i = 0; i < 40; i++) {
        const call = tool.draw(new RandomStream(3, tool.name, i));
        const result = checkedCall(tool, call.arguments);
        const values = { ...call.arguments, ...call.words };
        for (const template of [...tool.asks, ...tool.then]) {
          expect(fill(template, values))
            .to.match(/\w/)
            .and.not.match(/[{}]|undefined|NaN/);
        }
        for (const template of tool.says) {
          expect(fill(template, { ...values, ...result })).to.not.match(/[{}]|undefined|NaN/);
        }
        for (const { ask, question } of tool.incomplete) fill(ask + question, values);
      }
    });

    it(`${tool.name} has a schema that allows no argument more and none less`, () => {
      const { arguments: given } = tool.draw(new RandomStream(4, tool.name));
      expect(schemaErrors(tool, given)).to.equal(undefined);
      expect(schemaErrors(tool, { ...given, extra: 1 })).to.include("additional properties");
      const [first] = tool.parameters.required;
      const fewer = Object.fromEntries(Object.entries(given).filter(([key]) => key !== first));
      expect(schemaErrors(tool, fewer)).to.include(`'${first}'`);
    });
  }

  const results: readonly [name: string, given: JsonObject, result: JsonObject][] = [
    ["add", { a: 0.1, b: 0.2 }, { sum: 0.3 }],
    ["divide", { a: 7, b: 3 }, { quotient: 2.3333 }],
    ["square_root", { value: 2 }, { root: 1.4142 }],
    ["percentage", { percent: 19, amount: 1870 }, { result: 355.3 }],
    ["round_number", { value: 505.596, places: 1 }, { rounded: 505.6 }],
    ["greatest_common_divisor", { a: 84, b: 36 }, { divisor: 12 }],
    ["least_common_multiple", { a: 4, b: 6 }, { multiple: 12 }],
    ["is_prime", { value: 91 }, { result: "not prime" }],
    ["factorial", { n: 15 }, { factorial: 1307674368000 }],
    ["to_roman", { value: 1994 }, { roman: "MCMXCIV" }],
    ["to_binary", { value: 10 }, { binary: "1010" }],
    ["convert_length", { amount: 26.2, from: "miles", to: "kilometres" }, { result: 42.1648 }],
    [
      "convert_speed",
      { amount: 36, from: "kilometres per hour", to: "metres per second" },
      { result: 10 },
    ],
    [
      "convert_temperature",
      { degrees: 451, from: "fahrenheit", to: "celsius" },
      { result: 232.7778 },
    ],
    ["convert_temperature", { degrees: 0, from: "kelvin", to: "fahrenheit" }, { result: -459.67 }],
    ["days_between", { start: "1999-12-31", end: "2000-03-01" }, { days: 61 }],
    ["add_days", { date: "2024-02-28", days: 2 }, { result: "2024-03-01" }],
    ["weekday_of", { date: "1969-07-20" }, { weekday: "Sunday" }],
    ["is_leap_year", { year: 1900 }, { result: "not a leap year" }],
    ["days_in_month", { month: "February", year: 2000 }, { days: 29 }],
    ["reverse_text", { text: "añ👩b" }, { reversed: "b👩ña" }],
    ["count_letter", { word: "banana", letter: "a" }, { count: 3 }],
    ["is_palindrome", { word: "level" }, { result: "a palindrome" }],
    ["make_initials", { names: ["ada", "King"] }, { initials: "AK" }],
    ["sort_numbers", { values: [10, 9, -1] }, { sorted: [-1, 9, 10] }],
    ["median", { values: [4, 1, 3, 2] }, { median: 2.5 }],
    ["mean", { values: [1, 2, 2] }, { mean: 1.6667 }],
    ["sort_words", { words: ["pear", "apple"] }, { sorted: ["apple", "pear"] }],
    ["longest_word", { words: ["sea", "ocean", "coast"] }, { longest: "ocean" }],
    ["get_capital", { country: "France" }, { capital: "Paris" }],
    ["get_currency", { country: "Japan" }, { currency: "Japanese Yen" }],
    ["get_calling_code", { country: "Italy" }, { code: "+39" }],
    ["hex_to_rgb", { hex: "#ff8000" }, { red: 255, green: 128, blue: 0 }],
    ["rgb_to_hex", { red: 0, green: 10, blue: 255 }, { hex: "#000aff" }],
    ["circle_area", { radius: 1 }, { area: 3.1416 }],
    ["element_symbol", { element: "gold" }, { symbol: "Au" }],
    ["planet_position", { planet: "Mars" }, { position: 4 }],
    ["total_price", { product: "milk", quantity: 2 }, { price: "2.70" }],
  ];
  for (const [name, given, result] of results) {
    it(`${name}(${JSON.stringify(given)}) is ${JSON.stringify(result)}`, () => {
      expect(checkedCall(findTool(name)!, given)).to.deep.equal(result);
    });
  }

  it("refuse arguments that have no answer", () => {
    const call = (name: string, given: JsonObject) => () => checkedCall(findTool(name)!, given);
    expect(call("divide", { a: 1, b: 0 })).to.throw(RangeError, "b must not be 0");
    expect(call("add_days", { date: "2023-02-29", days: 1 })).to.throw(
      RangeError,
      'Cannot read date "2023-02-29": expected YYYY-MM-DD',
    );
    expect(call("get_capital", { country: "Atlantis" })).to.throw(RangeError, '"Atlantis"');
    expect(call("add", { a: 1, b: "2" })).to.throw(RangeError, "Cannot call add");
  });
});

describe("fill()", () => {
  it("puts values into a template, lists in words", () => {
    expect(fill("{a} and {b}.", { a: 1.5, b: ["x", "y", "z"] })).to.equal("1.5 and x, y and z.");
    expect(fill("{c} is big.", { c: "the sea" })).to.equal("The sea is big.");
    expect(inWords(["x"])).to.equal("x");
    expect(() => fill("{a}", {})).to.throw(RangeError, "expected a value for {a}");
  });
});
