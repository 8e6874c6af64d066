import type { JsonObject, RandomStream } from "seedbed";

import {
  between,
  number,
  numberOf,
  oneOf,
  rounded,
  several,
  textOf,
  tool,
  type Tool,
} from "./tool.ts";

/** How much of the first unit one of each is. */
type Units = Readonly<Record<string, number>>;

const lengths: Units = {
  metres: 1,
  kilometres: 1000,
  centimetres: 0.01,
  millimetres: 0.001,
  miles: 1609.344,
  feet: 0.3048,
  inches: 0.0254,
  yards: 0.9144,
};
const weights: Units = {
  kilograms: 1,
  grams: 0.001,
  pounds: 0.45359237,
  ounces: 0.028349523125,
  tonnes: 1000,
};
const durations: Units = { seconds: 1, minutes: 60, hours: 3600, days: 86_400, weeks: 604_800 };
const volumes: Units = {
  litres: 1,
  millilitres: 0.001,
  gallons: 3.785411784,
  pints: 0.473176473,
  cups: 0.2365882365,
};
const speeds: Units = {
  "metres per second": 1,
  "kilometres per hour": 1 / 3.6,
  "miles per hour": 0.44704,
  knots: 1852 / 3600,
};

export const conversion: readonly Tool[] = [
  converter("convert_length", "Convert a length to another unit", lengths, [
    "Convert {amount} {from} to {to}.",
    "How many {to} are {amount} {from}?",
    "How long is {amount} {from} in {to}?",
  ]),
  converter("convert_weight", "Convert a weight to another unit", weights, [
    "Convert {amount} {from} to {to}.",
    "How many {to} are {amount} {from}?",
    "How heavy is {amount} {from} in {to}?",
  ]),
  converter("convert_duration", "Convert a length of time to another unit", durations, [
    "How many {to} are {amount} {from}?",
    "Convert {amount} {from} to {to}.",
    "What is {amount} {from} in {to}?",
  ]),
  converter("convert_volume", "Convert a volume to another unit", volumes, [
    "Convert {amount} {from} to {to}.",
    "How many {to} are {amount} {from}?",
    "What is {amount} {from} in {to}?",
  ]),
  converter("convert_speed", "Convert a speed to another unit", speeds, [
    "Convert {amount} {from} to {to}.",
    "How fast is {amount} {from} in {to}?",
    "What is {amount} {from} in {to}?",
  ]),
  tool({
    name: "convert_temperature",
    description: "Convert a temperature to another scale",
    parameters: {
      degrees: number("The temperature"),
      from: oneOf("The scale it is given in", ["celsius", "fahrenheit", "kelvin"]),
      to: oneOf("The scale wanted", ["celsius", "fahrenheit", "kelvin"]),
    },
    run: (given) => ({ result: temperature(given) }),
    draw(random) {
      const [from = "", to = ""] = several(random, ["celsius", "fahrenheit", "kelvin"], 2);
      const degrees = from === "kelvin" ? between(random, 200, 400) : between(random, -30, 120);
      const titled = (scale: string) => scale[0]!.toUpperCase() + scale.slice(1);
      return { arguments: { degrees, from, to }, words: { from: titled(from), to: titled(to) } };
    },
    asks: [
      "Convert {degrees} degrees {from} to {to}.",
      "What is {degrees} degrees {from} in {to}?",
      "How warm is {degrees} {from} in {to}?",
    ],
    then: ["And {degrees} degrees {from} in {to}?"],
    says: ["{degrees} degrees {from} is {result} degrees {to}."],
    incomplete: [
      {
        ask: "Convert {degrees} degrees {from}, please.",
        question: "To which scale should I convert it?",
      },
    ],
  }),
];

function converter(name: string, description: string, units: Units, asks: readonly string[]): Tool {
  const names = Object.keys(units);
  return tool({
    name,
    description,
    parameters: {
      amount: number("How much of the first unit"),
      from: oneOf("The unit it is given in", names),
      to: oneOf("The unit wanted", names),
    },
    run(given) {
      const factor = units[textOf(given, "from")]! / units[textOf(given, "to")]!;
      return { result: rounded(numberOf(given, "amount") * factor) };
    },
    draw: (random) => drawConversion(random, units),
    asks,
    then: ["And {amount} {from} in {to}?", "And how many {to} are {amount} {from}?"],
    says: ["{amount} {from} is {result} {to}.", "That is {result} {to}."],
    incomplete: [
      {
        ask: "Please convert {amount} {from}.",
        question: "To which unit should I convert {amount} {from}?",
      },
      { ask: "What is that in {to}, from {from}?", question: "How many {from} do you mean?" },
    ],
  });
}

/** Units that differ by a factor that a person would ask about. */
function drawConversion(random: RandomStream, units: Units): { arguments: JsonObject } {
  const names = Object.keys(units);
  for (;;) {
    const [from = "", to = ""] = several(random, names, 2);
    const factor = units[from]! / units[to]!;
    const amount = between(random, 2, factor < 0.05 ? 9000 : 250);
    if (amount * factor >= 0.05 && factor <= 100_000) return { arguments: { amount, from, to } };
  }
}

function temperature(given: JsonObject): number {
  const degrees = numberOf(given, "degrees");
  const from = textOf(given, "from");
  const to = textOf(given, "to");
  const celsius =
    from === "fahrenheit" ? ((degrees - 32) * 5) / 9 : degrees - (from === "kelvin" ? 273.15 : 0);
  if (to === "fahrenheit") return rounded((celsius * 9) / 5 + 32);
  return rounded(celsius + (to === "kelvin" ? 273.15 : 0));
}
