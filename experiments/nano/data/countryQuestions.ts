import { countries, type Country } from "./countryTable.ts";
import { factQuestions } from "./factQuestions.ts";
import type { Question } from "./question.ts";

interface Topic {
  readonly name: string;
  readonly phrasings: readonly string[];
  readonly answer: (country: Country) => string;
}

const topics: readonly Topic[] = [
  {
    name: "capital",
    phrasings: [
      "What is the capital of {country}?",
      "Which city is the capital of {country}?",
      "Name the capital of {country}.",
      "What is {country}'s capital?",
      "{country} has which capital?",
    ],
    answer: ({ capital }) => capital,
  },
  {
    name: "continent",
    phrasings: [
      "On which continent is {country}?",
      "Which continent does {country} belong to?",
      "Where is {country}?",
      "{country} is on which continent?",
    ],
    answer: ({ continent }) => continent,
  },
  {
    name: "currency",
    phrasings: [
      "What is the currency of {country}?",
      "What money is used in {country}?",
      "Which currency does {country} use?",
      "How do people pay in {country}?",
    ],
    answer: ({ currency }) => currency,
  },
  {
    name: "language",
    phrasings: [
      "Which language is spoken in {country}?",
      "What language do people speak in {country}?",
      "Name a language of {country}.",
    ],
    answer: ({ languages }) => languages[0]!,
  },
  {
    name: "of capital",
    phrasings: [
      "{capital} is the capital of which country?",
      "Which country has the capital {capital}?",
      "In which country is {capital}?",
    ],
    answer: ({ name }) => name,
  },
];

/** Capitals, continents, currencies and languages of countries. */
export function countryQuestions(): Question[] {
  return countries.flatMap((country) =>
    topics.flatMap(({ name, phrasings, answer }) =>
      factQuestions("countries", {
        key: `${name}/${country.name}`,
        phrasings,
        values: { country: country.spoken, capital: country.capital },
        answer: sentence(answer(country)),
      }),
    ),
  );
}

/** With a full stop, where it has none. */
export function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
