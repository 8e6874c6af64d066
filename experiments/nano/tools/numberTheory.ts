import { between, integer, numberOf, pick, tool, type Tool } from "./tool.ts";

const a = integer("The first integer");
const b = integer("The second integer");

export const numberTheory: readonly Tool[] = [
  tool({
    name: "greatest_common_divisor",
    description: "Find the largest integer that divides two integers",
    parameters: { a, b },
    run: (given) => ({ divisor: commonDivisor(numberOf(given, "a"), numberOf(given, "b")) }),
    draw(random) {
      const shared = between(random, 1, 20);
      return {
        arguments: { a: shared * between(random, 2, 30), b: shared * between(random, 2, 30) },
      };
    },
    asks: [
      "What is the greatest common divisor of {a} and {b}?",
      "Find the largest number that divides both {a} and {b}.",
      "What is the gcd of {a} and {b}?",
    ],
    then: ["And of {a} and {b}?"],
    says: ["The greatest common divisor of {a} and {b} is {divisor}."],
  }),
  tool({
    name: "least_common_multiple",
    description: "Find the smallest integer that two integers divide",
    parameters: { a, b },
    run(given) {
      const [x, y] = [numberOf(given, "a"), numberOf(given, "b")];
      return { multiple: (x / commonDivisor(x, y)) * y };
    },
    draw: (random) => ({ arguments: { a: between(random, 2, 40), b: between(random, 2, 40) } }),
    asks: [
      "What is the least common multiple of {a} and {b}?",
      "Find the lcm of {a} and {b}.",
      "Which is the smallest number that {a} and {b} both divide?",
    ],
    then: ["And of {a} and {b}?"],
    says: ["The least common multiple of {a} and {b} is {multiple}."],
  }),
  tool({
    name: "is_prime",
    description: "Tell whether an integer is a prime number",
    parameters: { value: integer("An integer above 1") },
    run: (given) => ({ result: isPrime(numberOf(given, "value")) ? "prime" : "not prime" }),
    draw: (random) => ({ arguments: { value: between(random, 2, 999) } }),
    asks: ["Is {value} a prime number?", "Is {value} prime?", "Check whether {value} is a prime."],
    then: ["And {value}?", "What about {value}?"],
    says: ["{value} is {result}.", "The number {value} is {result}."],
  }),
  tool({
    name: "factorial",
    description: "Multiply all integers from 1 to n",
    parameters: { n: integer("From 0 to 15") },
    run(given) {
      const n = numberOf(given, "n");
      if (n < 0 || n > 15) throw new RangeError(`Cannot compute ${n}!: n must be from 0 to 15`);
      let product = 1;
      for (let k = 2; k <= n; k++) product *= k;
      return { factorial: product };
    },
    draw: (random) => ({ arguments: { n: between(random, 0, 15) } }),
    asks: ["What is the factorial of {n}?", "Compute {n}!", "How much is {n} factorial?"],
    then: ["And of {n}?"],
    says: ["The factorial of {n} is {factorial}.", "{n}! is {factorial}."],
  }),
  tool({
    name: "to_roman",
    description: "Write an integer in Roman numerals",
    parameters: { value: integer("From 1 to 3999") },
    run: (given) => ({ roman: toRoman(numberOf(given, "value")) }),
    draw: (random) => ({
      arguments: {
        value: pick(random, [
          between(random, 1, 100),
          between(random, 1, 3999),
          between(random, 1500, 2030),
        ]),
      },
    }),
    asks: [
      "Write {value} in Roman numerals.",
      "What is {value} as a Roman numeral?",
      "How did the Romans write {value}?",
    ],
    then: ["And {value}?", "Now {value}."],
    says: ["{value} in Roman numerals is {roman}."],
  }),
  tool({
    name: "to_binary",
    description: "Write an integer in the binary system",
    parameters: { value: integer("An integer that is not negative") },
    run: (given) => ({ binary: numberOf(given, "value").toString(2) }),
    draw: (random) => ({ arguments: { value: between(random, 0, 1023) } }),
    asks: [
      "What is {value} in binary?",
      "Convert {value} to binary.",
      "Write {value} as a binary number.",
    ],
    then: ["And {value}?"],
    says: ["{value} in binary is {binary}."],
  }),
];

function commonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : commonDivisor(b, a % b);
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) {
    if (value % divisor === 0) return false;
  }
  return value > 1;
}

const numerals: readonly [number, string][] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

function toRoman(value: number): string {
  if (value < 1 || value > 3999) {
    throw new RangeError(`Cannot write ${value} in Roman numerals: expected 1 to 3999`);
  }
  let rest = value;
  return numerals.reduce((written, [size, numeral]) => {
    const times = Math.floor(rest / size);
    rest -= times * size;
    return written + numeral.repeat(times);
  }, "");
}
