import type { JsonObject } from "seedbed";

import { countries, type Country } from "../data/countryTable.ts";
import { pick, text, textOf, tool, type Tool } from "./tool.ts";

const country = text("The country's English name");

export const countryTools: readonly Tool[] = [
  ofCountry("get_capital", "Look up the capital of a country", {
    run: ({ capital }) => ({ capital }),
    asks: [
      "What is the capital of {country}?",
      "Look up the capital of {country}.",
      "Tell me the capital of {country}.",
    ],
    says: ["The capital of {country} is {capital}."],
  }),
  ofCountry("get_currency", "Look up the currency of a country", {
    run: ({ currency }) => ({ currency }),
    asks: [
      "What is the currency of {country}?",
      "What money do people use in {country}?",
      "How do I pay in {country}?",
    ],
    says: [
      "The currency of {country} is the {currency}.",
      "In {country} people pay with the {currency}.",
    ],
  }),
  ofCountry("get_continent", "Look up the continent of a country", {
    run: ({ continent }) => ({ continent }),
    asks: [
      "On which continent is {country}?",
      "Where in the world is {country}?",
      "What continent does {country} belong to?",
    ],
    says: ["{country} is in {continent}."],
  }),
  ofCountry("get_languages", "Look up the official languages of a country", {
    run: ({ languages }) => ({ languages: [...languages] }),
    asks: [
      "Which languages are spoken in {country}?",
      "What do people speak in {country}?",
      "What is the language of {country}?",
    ],
    says: ["In {country} people speak {languages}."],
  }),
  ofCountry("get_calling_code", "Look up the telephone code of a country", {
    run: ({ phone }) => ({ code: `+${phone}` }),
    asks: [
      "What is the calling code of {country}?",
      "Which number do I dial to call {country}?",
      "What is the phone code for {country}?",
    ],
    says: ["The calling code of {country} is {code}."],
  }),
];

interface CountryOptions {
  readonly run: (country: Country) => JsonObject;
  asks: readonly string[];
  says: readonly string[];
}

function ofCountry(name: string, description: string, { run, asks, says }: CountryOptions): Tool {
  return tool({
    name,
    description,
    parameters: { country },
    run(given) {
      const found = countries.find((each) => each.name === textOf(given, "country"));
      if (found) return run(found);
      throw new RangeError(
        `Cannot look up "${textOf(given, "country")}": expected a country's English name`,
      );
    },
    draw(random) {
      const { name: drawn, spoken } = pick(random, countries);
      return { arguments: { country: drawn }, words: { country: spoken } };
    },
    asks,
    says,
    then: ["And {country}?", "And for {country}?", "What about {country}?"],
    incomplete: [{ ask: `${description}, please.`, question: "Which country do you mean?" }],
  });
}
