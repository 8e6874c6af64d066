import { RandomStream } from "seedbed";

import { between, fill, pick, several } from "../tools/tool.ts";
import { firstNames, plainWords } from "../tools/words.ts";
import type { Question } from "./question.ts";
import { splitOf } from "./split.ts";

/** A kind of question that a rule answers. */
interface Rule {
  readonly name: string;
  readonly phrasings: readonly string[];
  /** `key` tells the task from all others, however it is put. */
  draw(random: RandomStream): {
    key: string;
    values: Record<string, string | number>;
    answer: string | number;
  };
}

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const letters = Array.from("abcdefghijklmnopqrstuvwxyz");

const rules: readonly Rule[] = [
  {
    name: "plus",
    phrasings: ["What is {a} plus {b}?", "What is {a} + {b}?", "How much is {a} and {b}?"],
    draw(random) {
      const [a, b] = [between(random, 0, 99), between(random, 0, 99)];
      return { key: [a, b].toSorted((x, y) => x - y).join("+"), values: { a, b }, answer: a + b };
    },
  },
  {
    name: "minus",
    phrasings: ["What is {a} minus {b}?", "What is {a} - {b}?", "How much is {a} less {b}?"],
    draw(random) {
      const b = between(random, 0, 99);
      const a = b + between(random, 0, 99 - Math.min(b, 99));
      return { key: `${a}-${b}`, values: { a, b }, answer: a - b };
    },
  },
  {
    name: "times",
    phrasings: ["What is {a} times {b}?", "What is {a} x {b}?"],
    draw(random) {
      const [a, b] = [between(random, 0, 12), between(random, 0, 20)];
      return { key: [a, b].toSorted((x, y) => x - y).join("x"), values: { a, b }, answer: a * b };
    },
  },
  {
    name: "half",
    phrasings: ["What is half of {a}?", "What is {a} divided by 2?"],
    draw(random) {
      const half = between(random, 1, 200);
      return { key: `${half}`, values: { a: 2 * half }, answer: half };
    },
  },
  {
    name: "larger",
    phrasings: [
      "Which is larger, {a} or {b}?",
      "Which number is greater, {a} or {b}?",
      "Is {a} or {b} more?",
    ],
    draw(random) {
      const [a, b] = [between(random, 0, 999), between(random, 0, 999)];
      const larger = a === b ? a + 1 : a;
      return {
        key: [larger, b].toSorted((x, y) => x - y).join("<"),
        values: { a: larger, b },
        answer: Math.max(larger, b),
      };
    },
  },
  {
    name: "next",
    phrasings: ["What comes next: {list}?", "Continue: {list}.", "Which number follows {list}?"],
    draw(random) {
      const [start, step] = [between(random, 0, 60), between(random, 1, 12)];
      const list = [0, 1, 2, 3].map((k) => start + k * step).join(", ");
      return { key: list, values: { list }, answer: start + 4 * step };
    },
  },
  {
    name: "even",
    phrasings: ["Is {a} even or odd?", "Is the number {a} odd or even?"],
    draw(random) {
      const a = between(random, 0, 9999);
      return { key: `${a}`, values: { a }, answer: a % 2 === 0 ? "Even" : "Odd" };
    },
  },
  {
    name: "spell",
    phrasings: ["Spell {word}.", "How do you spell {word}?", "Spell the word {word}."],
    draw(random) {
      const word = drawWord(random);
      return { key: word, values: { word }, answer: Array.from(word).join("-") };
    },
  },
  {
    name: "first letter",
    phrasings: ["What is the first letter of {word}?", "Which letter does {word} begin with?"],
    draw(random) {
      const word = drawWord(random);
      return { key: word, values: { word }, answer: word[0]! };
    },
  },
  {
    name: "last letter",
    phrasings: ["What is the last letter of {word}?", "Which letter does {word} end with?"],
    draw(random) {
      const word = drawWord(random);
      return { key: word, values: { word }, answer: word.at(-1)! };
    },
  },
  {
    name: "alphabet",
    phrasings: [
      "Which comes first in the alphabet, {a} or {b}?",
      "Is {a} or {b} first in alphabetical order?",
    ],
    draw(random) {
      const [a, b] = several(random, random.uniform() < 0.7 ? plainWords : letters, 2);
      return {
        key: (a! < b! ? [a, b] : [b, a]).join("/"),
        values: { a: a!, b: b! },
        answer: a! < b! ? a! : b!,
      };
    },
  },
  {
    name: "older",
    phrasings: [
      "{a} is {x} years old and {b} is {y}. Who is older?",
      "{a} is {x} and {b} is {y} years old. Which of them is older?",
    ],
    draw(random) {
      const [a, b] = several(random, firstNames, 2);
      const x = between(random, 1, 90);
      const y = ((x + between(random, 1, 88)) % 90) + 1;
      const key = `${a}/${b}/${x}/${y}`;
      return { key, values: { a: a!, b: b!, x, y: x === y ? y + 1 : y }, answer: x > y ? a! : b! };
    },
  },
  {
    name: "left",
    phrasings: [
      "{a} has {x} {things} and gives {y} to {b}. How many are left?",
      "{a} had {x} {things} and gave {y} to {b}. How many does {a} have now?",
    ],
    draw(random) {
      const [a, b] = several(random, firstNames, 2);
      const things = pick(random, [
        "apples",
        "books",
        "coins",
        "cards",
        "pencils",
        "eggs",
        "stamps",
        "shells",
      ]);
      const x = between(random, 2, 40);
      const y = between(random, 1, x - 1);
      return { key: `${x}/${y}/${things}`, values: { a: a!, b: b!, x, y, things }, answer: x - y };
    },
  },
  inOrder("day", "day", days),
  inOrder("month", "month", months),
];

/** What comes before or after one of a circle of names: few, so that all but the hash's are seen. */
function inOrder(name: string, noun: string, circle: readonly string[]): Rule {
  return {
    name,
    phrasings: [`Which ${noun} comes {where} {item}?`, `What is the ${noun} {where} {item}?`],
    draw(random) {
      const place = random.integer(circle.length);
      const isAfter = random.uniform() < 0.5;
      const answer = circle[(place + (isAfter ? 1 : circle.length - 1)) % circle.length]!;
      const where = isAfter ? "after" : "before";
      return { key: `${where}/${circle[place]!}`, values: { where, item: circle[place]! }, answer };
    },
  };
}

/** A plain word, or letters that make none, so that spelling is more than remembering. */
function drawWord(random: RandomStream): string {
  if (random.uniform() < 0.5) return pick(random, plainWords);
  const pairs = Array.from(
    { length: between(random, 2, 3) },
    () => pick(random, Array.from("bdfgklmnprstvw")) + pick(random, Array.from("aeiou")),
  );
  return pairs.join("");
}

/**
 * Arithmetic, comparison, order and spelling. All phrasings of one task are in one split: the test
 * asks for sums and words that were never seen.
 */
export function ruleQuestions({ seed, count }: { seed: number; count: number }): Question[] {
  const questions = new Map<string, Question>();
  for (let i = 0; i < count; i++) {
    const random = new RandomStream(seed, "rules", i);
    const rule = pick(random, rules);
    const { key, values, answer } = rule.draw(random);
    const question = fill(pick(random, rule.phrasings), values);
    const split = splitOf(`rule/${rule.name}/${key}`);
    questions.set(question, { source: "rules", split, question, answer: `${answer}.` });
  }
  return [...questions.values()];
}
