import { between, integer, number, numberOf, pick, rounded, tool, type Tool } from "./tool.ts";

const a = number("The first number");
const b = number("The second number");

export const arithmetic: readonly Tool[] = [
  tool({
    name: "add",
    description: "Add two numbers",
    parameters: { a, b },
    run: (given) => ({ sum: rounded(numberOf(given, "a") + numberOf(given, "b")) }),
    draw: (random) => ({ arguments: { a: between(random, 1, 9999), b: between(random, 1, 9999) } }),
    asks: [
      "What is {a} plus {b}?",
      "Add {a} and {b}.",
      "Can you add {a} and {b}?",
      "How much is {a} + {b}?",
      "I need the sum of {a} and {b}.",
    ],
    then: ["And {a} plus {b}?", "Now add {a} and {b}."],
    says: ["{a} plus {b} is {sum}.", "The sum of {a} and {b} is {sum}.", "That makes {sum}."],
    incomplete: [
      { ask: "Please add a number to {a}.", question: "Which number should I add to {a}?" },
    ],
  }),
  tool({
    name: "subtract",
    description: "Subtract the second number from the first",
    parameters: { a, b },
    run: (given) => ({ difference: rounded(numberOf(given, "a") - numberOf(given, "b")) }),
    draw: (random) => ({ arguments: { a: between(random, 1, 9999), b: between(random, 1, 9999) } }),
    asks: [
      "What is {a} minus {b}?",
      "Subtract {b} from {a}.",
      "Take {b} away from {a}.",
      "How much is {a} - {b}?",
    ],
    then: ["And {a} minus {b}?", "Now subtract {b} from {a}."],
    says: ["{a} minus {b} is {difference}.", "The difference is {difference}."],
    incomplete: [
      { ask: "Subtract something from {a}.", question: "What should I subtract from {a}?" },
    ],
  }),
  tool({
    name: "multiply",
    description: "Multiply two numbers",
    parameters: { a, b },
    run: (given) => ({ product: rounded(numberOf(given, "a") * numberOf(given, "b")) }),
    draw: (random) => ({ arguments: { a: between(random, 2, 999), b: between(random, 2, 999) } }),
    asks: [
      "What is {a} times {b}?",
      "Multiply {a} by {b}.",
      "How much is {a} x {b}?",
      "Give me the product of {a} and {b}.",
    ],
    then: ["And {a} times {b}?", "Now multiply {a} by {b}."],
    says: ["{a} times {b} is {product}.", "The product of {a} and {b} is {product}."],
    incomplete: [{ ask: "Multiply {a} for me.", question: "By what should I multiply {a}?" }],
  }),
  tool({
    name: "divide",
    description: "Divide the first number by the second",
    parameters: { a, b },
    run(given) {
      if (numberOf(given, "b") === 0) throw new RangeError("Cannot divide: b must not be 0");
      return { quotient: rounded(numberOf(given, "a") / numberOf(given, "b")) };
    },
    draw(random) {
      const divisor = between(random, 2, 99);
      const dividend =
        random.uniform() < 0.7 ? divisor * between(random, 2, 99) : between(random, 2, 9999);
      return { arguments: { a: dividend, b: divisor } };
    },
    asks: [
      "What is {a} divided by {b}?",
      "Divide {a} by {b}.",
      "How much is {a} / {b}?",
      "How often does {b} go into {a}?",
    ],
    then: ["And {a} divided by {b}?", "Now divide {a} by {b}."],
    says: ["{a} divided by {b} is {quotient}.", "The result is {quotient}."],
    incomplete: [{ ask: "Divide {a}, please.", question: "By which number should I divide {a}?" }],
  }),
  tool({
    name: "power",
    description: "Raise a number to a power",
    parameters: {
      base: number("The number to raise"),
      exponent: integer("How often it is multiplied by itself"),
    },
    run: (given) => ({ power: rounded(numberOf(given, "base") ** numberOf(given, "exponent")) }),
    draw: (random) => ({
      arguments: { base: between(random, 2, 30), exponent: between(random, 2, 6) },
    }),
    asks: [
      "What is {base} to the power of {exponent}?",
      "Raise {base} to the power {exponent}.",
      "Compute {base}^{exponent}.",
    ],
    then: ["And {base} to the power of {exponent}?"],
    says: ["{base} to the power of {exponent} is {power}."],
    incomplete: [
      { ask: "Raise {base} to a power.", question: "To which power should I raise {base}?" },
    ],
  }),
  tool({
    name: "square_root",
    description: "Compute the square root of a number",
    parameters: { value: number("A number that is not negative") },
    run(given) {
      if (numberOf(given, "value") < 0)
        throw new RangeError("Cannot take the root: value must not be negative");
      return { root: rounded(Math.sqrt(numberOf(given, "value"))) };
    },
    draw: (random) => ({
      arguments: {
        value: random.uniform() < 0.6 ? between(random, 2, 99) ** 2 : between(random, 2, 2000),
      },
    }),
    asks: [
      "What is the square root of {value}?",
      "Take the square root of {value}.",
      "Which number squared is {value}?",
    ],
    then: ["And of {value}?", "And the root of {value}?"],
    says: ["The square root of {value} is {root}.", "It is {root}."],
  }),
  tool({
    name: "remainder",
    description: "Compute what is left over when one integer is divided by another",
    parameters: {
      dividend: integer("The integer that is divided"),
      divisor: integer("The integer to divide by"),
    },
    run(given) {
      if (numberOf(given, "divisor") === 0)
        throw new RangeError("Cannot divide: divisor must not be 0");
      return { remainder: numberOf(given, "dividend") % numberOf(given, "divisor") };
    },
    draw: (random) => ({
      arguments: { dividend: between(random, 10, 999), divisor: between(random, 2, 30) },
    }),
    asks: [
      "What is the remainder of {dividend} divided by {divisor}?",
      "What is {dividend} mod {divisor}?",
      "If I divide {dividend} by {divisor}, what is left over?",
    ],
    then: ["And {dividend} mod {divisor}?"],
    says: ["The remainder is {remainder}.", "Dividing {dividend} by {divisor} leaves {remainder}."],
  }),
  tool({
    name: "percentage",
    description: "Compute a percentage of an amount",
    parameters: {
      percent: number("How many percent"),
      amount: number("The amount that is 100 percent"),
    },
    run: (given) => ({
      result: rounded((numberOf(given, "percent") * numberOf(given, "amount")) / 100),
    }),
    draw: (random) => ({
      arguments: {
        percent: pick(
          random,
          [1, 2, 3, 5, 7, 8, 10, 12, 15, 19, 20, 25, 30, 40, 50, 60, 75, 80, 90],
        ),
        amount: between(random, 1, 200) * 10,
      },
    }),
    asks: [
      "What is {percent} percent of {amount}?",
      "How much is {percent}% of {amount}?",
      "Work out {percent} percent of {amount}.",
    ],
    then: ["And {percent} percent of {amount}?", "And {percent}% of {amount}?"],
    says: ["{percent} percent of {amount} is {result}.", "That is {result}."],
    incomplete: [
      { ask: "How much is {percent} percent?", question: "{percent} percent of which amount?" },
    ],
  }),
  tool({
    name: "round_number",
    description: "Round a number to some decimal places",
    parameters: {
      value: number("The number to round"),
      places: integer("How many digits after the point are kept"),
    },
    run(given) {
      const scale = 10 ** numberOf(given, "places");
      return { rounded: Math.round(numberOf(given, "value") * scale) / scale };
    },
    draw: (random) => ({
      arguments: { value: between(random, 1000, 999999) / 1000, places: between(random, 0, 2) },
    }),
    asks: [
      "Round {value} to {places} decimal places.",
      "What is {value} rounded to {places} places?",
    ],
    then: ["Now round {value} to {places} places."],
    says: ["Rounded to {places} places, {value} is {rounded}.", "It is {rounded}."],
    incomplete: [{ ask: "Please round {value}.", question: "To how many decimal places?" }],
  }),
];
