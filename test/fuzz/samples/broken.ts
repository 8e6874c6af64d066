import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

/** A parser with one mistake of each kind, behind a word each. */
export const target: FuzzTarget = {
  name: "../samples/broken",
  covers: ["test/fuzz/samples/"],
  seeds: ["fine", "slips", "pollutes", "assigns", "hangs", "fine"].map(textInput),
  run(input) {
    const text = inputText(input);
    if (text === "slips") return JSON.parse("null").length;
    if (text === "pollutes") return Object.assign(Object.getPrototypeOf({}), { polluted: 1 });
    if (text === "assigns") return { inner: Object.setPrototypeOf({}, JSON.parse('{"a":1}')) };
    for (let turn = 0; text === "hangs"; turn++) if (turn < 0) break;
    return text;
  },
};
