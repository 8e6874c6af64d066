import type { JsonObject, RandomStream } from "seedbed";

import {
  between,
  integer,
  inWords,
  numberOf,
  numbers,
  numbersOf,
  rounded,
  several,
  someNumbers,
  texts,
  textsOf,
  tool,
  type DrawnCall,
  type Tool,
} from "./tool.ts";
import { firstNames, plainWords } from "./words.ts";

const values = numbers("The numbers");

export const lists: readonly Tool[] = [
  ofNumbers("sort_numbers", "Sort numbers, the smallest first", {
    run: (list) => ({ sorted: list.toSorted((a, b) => a - b) }),
    asks: [
      "Sort these numbers: {values}.",
      "Put {values} in order.",
      "Order the numbers {values} from small to large.",
    ],
    says: ["Sorted, they are {sorted}.", "In order: {sorted}."],
  }),
  ofNumbers("largest_number", "Find the largest of some numbers", {
    run: (list) => ({ largest: Math.max(...list) }),
    asks: [
      "Which is the largest of {values}?",
      "What is the biggest number among {values}?",
      "Find the maximum of {values}.",
    ],
    says: ["The largest is {largest}."],
  }),
  ofNumbers("smallest_number", "Find the smallest of some numbers", {
    run: (list) => ({ smallest: Math.min(...list) }),
    asks: [
      "Which is the smallest of {values}?",
      "What is the lowest number among {values}?",
      "Find the minimum of {values}.",
    ],
    says: ["The smallest is {smallest}."],
  }),
  ofNumbers("sum_numbers", "Add up a list of numbers", {
    run: (list) => ({ total: rounded(list.reduce((sum, value) => sum + value, 0)) }),
    asks: ["What is the total of {values}?", "Add up {values}.", "Sum the list {values}."],
    says: ["The total is {total}.", "They add up to {total}."],
  }),
  ofNumbers("mean", "Compute the average of some numbers", {
    run: (list) => ({ mean: rounded(list.reduce((sum, value) => sum + value, 0) / list.length) }),
    asks: [
      "What is the average of {values}?",
      "Compute the mean of {values}.",
      "Find the average of these numbers: {values}.",
    ],
    says: ["The average is {mean}.", "The mean of {values} is {mean}."],
  }),
  ofNumbers("median", "Find the median of some numbers", {
    run: (list) => ({ median: median(list) }),
    asks: ["What is the median of {values}?", "Find the median of {values}."],
    says: ["The median is {median}."],
  }),
  tool({
    name: "sort_words",
    description: "Sort words by the alphabet",
    parameters: { words: texts("The words") },
    run: (given) => ({ sorted: textsOf(given, "words").toSorted((a, b) => (a < b ? -1 : 1)) }),
    draw: (random) => drawWords(random, "words", random.uniform() < 0.5 ? plainWords : firstNames),
    asks: [
      "Sort these words: {words}.",
      "Put {words} in alphabetical order.",
      "Order {words} by the alphabet.",
    ],
    then: ["Now sort {words}.", "And {words}?"],
    says: ["In alphabetical order: {sorted}.", "Sorted, they are {sorted}."],
    incomplete: [{ ask: "Sort some words for me.", question: "Which words should I sort?" }],
  }),
  tool({
    name: "longest_word",
    description: "Find the longest of some words",
    parameters: { words: texts("The words") },
    run: (given) => ({
      longest: textsOf(given, "words").reduce(
        (best, word) => (word.length > best.length ? word : best),
        "",
      ),
    }),
    draw: (random) => drawWords(random, "words", plainWords),
    asks: ["Which is the longest word of {words}?", "Find the longest of {words}."],
    then: ["And of {words}?"],
    says: ["The longest word is {longest}."],
  }),
  tool({
    name: "count_to",
    description: "List the integers from one to another",
    parameters: { start: integer("The first integer"), end: integer("The last integer") },
    run(given) {
      const start = numberOf(given, "start");
      const length = numberOf(given, "end") - start + 1;
      if (length < 1 || length > 50)
        throw new RangeError("Cannot list integers: expected 1 to 50 of them");
      return { integers: Array.from({ length }, (_, i) => start + i) };
    },
    draw(random) {
      const start = between(random, 0, 90);
      return { arguments: { start, end: start + between(random, 2, 9) } };
    },
    asks: ["Count from {start} to {end}.", "List the numbers from {start} to {end}."],
    then: ["Now from {start} to {end}."],
    says: ["{integers}."],
    incomplete: [{ ask: "Count from {start}.", question: "Up to which number should I count?" }],
  }),
];

interface NumbersOptions {
  readonly run: (list: readonly number[]) => JsonObject;
  asks: readonly string[];
  says: readonly string[];
}

function ofNumbers(name: string, description: string, { run, asks, says }: NumbersOptions): Tool {
  return tool({
    name,
    description,
    parameters: { values },
    run(given) {
      const list = numbersOf(given, "values");
      if (list.length > 0) return run(list);
      throw new RangeError(`Cannot run ${name}: expected at least one number`);
    },
    draw(random) {
      const drawn = someNumbers(random);
      return { arguments: { values: drawn }, words: { values: inWords(drawn) } };
    },
    asks,
    says,
    then: ["And of {values}?", "Now the same for {values}."],
    incomplete: [{ ask: `${description}.`, question: "Which numbers do you mean?" }],
  });
}

function drawWords(random: RandomStream, name: string, from: readonly string[]): DrawnCall {
  const drawn = several(random, from, between(random, 3, 5));
  return { arguments: { [name]: drawn }, words: { [name]: inWords(drawn) } };
}

function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : sorted[Math.floor(middle)]!;
}
