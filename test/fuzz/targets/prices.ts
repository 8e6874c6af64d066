import { readPriceTable } from "../../../framework/serve/prices/priceTable.ts";
import { type FuzzTarget } from "../fuzzTarget.ts";
import { inFile } from "../scratch.ts";

const write = inFile("prices", "prices.yaml");

/** Tables of prices. */
export const target: FuzzTarget = {
  name: "prices",
  covers: ["framework/spec/", "framework/serve/prices"],
  seeds: [
    Buffer.from(
      "models:\n  nano: { prompt: 1.0e-7, cachedPrompt: 0, completion: 4.0e-7 }\n  a/b: { prompt: 0, cachedPrompt: 1.0e-12, completion: 1 }\n",
    ),
  ],
  words: ["prompt: ", "1.0e-13", "e-", "models:"],
  run: (input) => readPriceTable(write(input)),
};
