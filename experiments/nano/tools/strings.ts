import {
  between,
  inWords,
  integer,
  numberOf,
  pick,
  several,
  text,
  textOf,
  texts,
  textsOf,
  tool,
  type Tool,
} from "./tool.ts";
import { firstNames, plainWords } from "./words.ts";

const word = text("The word");

export const strings: readonly Tool[] = [
  tool({
    name: "reverse_text",
    description: "Write a text backwards",
    parameters: { text: text("The text") },
    run: (given) => ({ reversed: Array.from(textOf(given, "text")).toReversed().join("") }),
    draw: (random) => ({ arguments: { text: pick(random, plainWords) } }),
    asks: [
      "Write {text} backwards.",
      "Reverse the word {text}.",
      "What is {text} spelled backwards?",
    ],
    then: ["And {text}?", "Now reverse {text}."],
    says: ["{text} backwards is {reversed}."],
    incomplete: [{ ask: "Reverse a word for me.", question: "Which word should I reverse?" }],
  }),
  tool({
    name: "count_letter",
    description: "Count how often a letter occurs in a word",
    parameters: { word, letter: text("One letter") },
    run: (given) => ({ count: textOf(given, "word").split(textOf(given, "letter")).length - 1 }),
    draw(random) {
      const drawn = pick(random, plainWords);
      const letter =
        random.uniform() < 0.85
          ? pick(random, Array.from(drawn))
          : pick(random, Array.from("aeiost"));
      return { arguments: { word: drawn, letter } };
    },
    asks: [
      "How many times does the letter {letter} occur in {word}?",
      "Count the letter {letter} in the word {word}.",
      "How many {letter} are in {word}?",
    ],
    then: ["And the letter {letter} in {word}?"],
    says: ["The count of {letter} in {word} is {count}.", "It is {count}."],
    incomplete: [
      {
        ask: "Count the letter {letter}.",
        question: "In which word should I count the letter {letter}?",
      },
    ],
  }),
  tool({
    name: "word_length",
    description: "Count the letters of a word",
    parameters: { word },
    run: (given) => ({ length: Array.from(textOf(given, "word")).length }),
    draw: (random) => ({ arguments: { word: pick(random, plainWords) } }),
    asks: [
      "How many letters does {word} have?",
      "How long is the word {word}?",
      "Count the letters of {word}.",
    ],
    then: ["And {word}?"],
    says: ["{word} has {length} letters.", "The word {word} is {length} letters long."],
  }),
  tool({
    name: "to_uppercase",
    description: "Write a text in capital letters",
    parameters: { text: text("The text") },
    run: (given) => ({ result: textOf(given, "text").toUpperCase() }),
    draw: (random) => ({
      arguments: { text: several(random, plainWords, between(random, 1, 2)).join(" ") },
    }),
    asks: [
      "Write {text} in capital letters.",
      "Put {text} in upper case.",
      "Make {text} all caps.",
    ],
    then: ["Now {text}.", "And {text}?"],
    says: ["In capital letters it is {result}.", "{result}"],
  }),
  tool({
    name: "count_words",
    description: "Count the words of a text",
    parameters: { text: text("The text") },
    run: (given) => ({ count: textOf(given, "text").split(/\s+/).filter(Boolean).length }),
    draw: (random) => ({
      arguments: { text: several(random, plainWords, between(random, 2, 7)).join(" ") },
    }),
    asks: [
      'How many words are in "{text}"?',
      'Count the words: "{text}"',
      'How many words does "{text}" have?',
    ],
    then: ['And in "{text}"?'],
    says: ["There are {count} words.", "It has {count} words."],
  }),
  tool({
    name: "is_palindrome",
    description: "Tell whether a word reads the same backwards",
    parameters: { word },
    run: (given) => ({
      result:
        textOf(given, "word") === Array.from(textOf(given, "word")).toReversed().join("")
          ? "a palindrome"
          : "not a palindrome",
    }),
    draw: (random) => ({
      arguments: {
        word:
          random.uniform() < 0.4 ? mirrored(pick(random, plainWords)) : pick(random, plainWords),
      },
    }),
    asks: [
      "Is {word} a palindrome?",
      "Does {word} read the same backwards?",
      "Check whether {word} is a palindrome.",
    ],
    then: ["And {word}?", "What about {word}?"],
    says: ["{word} is {result}.", "The word {word} is {result}."],
  }),
  tool({
    name: "repeat_text",
    description: "Write a text several times",
    parameters: { text: text("The text"), times: integer("How often") },
    run: (given) => ({
      result: Array.from({ length: numberOf(given, "times") }, () => textOf(given, "text")).join(
        " ",
      ),
    }),
    draw: (random) => ({
      arguments: { text: pick(random, plainWords), times: between(random, 2, 5) },
    }),
    asks: [
      "Repeat {text} {times} times.",
      "Write {text} {times} times.",
      "Say {text} {times} times.",
    ],
    then: ["Now {text} {times} times."],
    says: ["{result}"],
    incomplete: [
      { ask: "Repeat the word {text}.", question: "How many times should I repeat {text}?" },
    ],
  }),
  tool({
    name: "make_initials",
    description: "Find the first letters of names",
    parameters: { names: texts("The names, in order") },
    run: (given) => ({
      initials: textsOf(given, "names")
        .map((name) => name.slice(0, 1).toUpperCase())
        .join(""),
    }),
    draw(random) {
      const names = several(random, firstNames, between(random, 2, 4));
      return { arguments: { names }, words: { names: inWords(names) } };
    },
    asks: ["What are the initials of {names}?", "Give me the first letters of {names}."],
    then: ["And of {names}?"],
    says: ["The initials are {initials}."],
  }),
];

function mirrored(word: string): string {
  const half = Array.from(word).slice(0, 3);
  return [...half, ...half.toReversed().slice(1)].join("");
}
