import { inputText, textInput, type FuzzTarget } from "../fuzzTarget.ts";

/** Fails for what begins with three letters, each of which is a branch of its own. */
export const target: FuzzTarget = {
  name: "../samples/steps",
  covers: ["test/fuzz/samples/"],
  mostBytes: 8,
  seeds: [textInput("xyz")],
  run(input) {
    const text = inputText(input);
    if (text[0] === "b") {
      if (text[1] === "u") {
        if (text[2] === "g") throw new TypeError("found it");
      }
    }
    return text.length;
  },
};
