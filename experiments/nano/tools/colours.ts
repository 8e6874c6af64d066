import type { JsonObject } from "seedbed";

import { between, integer, numberOf, oneOf, pick, text, textOf, tool, type Tool } from "./tool.ts";

/** Red, green and blue of the colours that people name, as CSS has them. */
const named: Readonly<Record<string, readonly [number, number, number]>> = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  red: [255, 0, 0],
  lime: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  orange: [255, 165, 0],
  purple: [128, 0, 128],
  pink: [255, 192, 203],
  brown: [165, 42, 42],
  grey: [128, 128, 128],
  green: [0, 128, 0],
  gold: [255, 215, 0],
  navy: [0, 0, 128],
  teal: [0, 128, 128],
  olive: [128, 128, 0],
  maroon: [128, 0, 0],
  silver: [192, 192, 192],
};

const part = (name: string) => integer(`${name}, from 0 to 255`);

export const colourTools: readonly Tool[] = [
  tool({
    name: "rgb_to_hex",
    description: "Write a colour given as red, green and blue in hexadecimal",
    parameters: { red: part("Red"), green: part("Green"), blue: part("Blue") },
    run: (given) => ({ hex: hexOf(["red", "green", "blue"].map((key) => partOf(given, key))) }),
    draw(random) {
      const [red, green, blue] = [
        between(random, 0, 255),
        between(random, 0, 255),
        between(random, 0, 255),
      ];
      return { arguments: { red, green, blue } };
    },
    asks: [
      "What is the hex code of RGB {red}, {green}, {blue}?",
      "Convert the colour ({red}, {green}, {blue}) to hex.",
      "Write rgb({red}, {green}, {blue}) as a hex colour.",
    ],
    then: ["And RGB {red}, {green}, {blue}?"],
    says: ["The hex code is {hex}.", "It is {hex}."],
    incomplete: [
      {
        ask: "What is the hex code of a colour with red {red}?",
        question: "How much green and blue does the colour have?",
      },
    ],
  }),
  tool({
    name: "hex_to_rgb",
    description: "Read a hexadecimal colour as red, green and blue",
    parameters: { hex: text("The colour, such as #ff8000") },
    run(given) {
      const digits = /^#([0-9a-f]{6})$/.exec(textOf(given, "hex"))?.[1];
      if (digits === undefined)
        throw new RangeError(`Cannot read colour "${textOf(given, "hex")}": expected #rrggbb`);
      const [red, green, blue] = [0, 2, 4].map((at) =>
        Number.parseInt(digits.slice(at, at + 2), 16),
      );
      return { red: red!, green: green!, blue: blue! };
    },
    draw: (random) => ({
      arguments: {
        hex: hexOf([between(random, 0, 255), between(random, 0, 255), between(random, 0, 255)]),
      },
    }),
    asks: [
      "What is {hex} in RGB?",
      "Convert the colour {hex} to RGB.",
      "How much red, green and blue is in {hex}?",
    ],
    then: ["And {hex}?"],
    says: ["{hex} has red {red}, green {green} and blue {blue}."],
  }),
  tool({
    name: "colour_code",
    description: "Look up the hexadecimal code of a named colour",
    parameters: { colour: oneOf("The colour's name", Object.keys(named)) },
    run: (given) => ({ hex: hexOf(named[textOf(given, "colour")]!) }),
    draw: (random) => ({ arguments: { colour: pick(random, Object.keys(named)) } }),
    asks: [
      "What is the hex code of {colour}?",
      "Which colour code does {colour} have?",
      "Give me the code for the colour {colour}.",
    ],
    then: ["And {colour}?", "And of {colour}?"],
    says: ["The code of {colour} is {hex}."],
    incomplete: [{ ask: "Give me the code of a colour.", question: "Which colour do you mean?" }],
  }),
];

function partOf(given: JsonObject, key: string): number {
  const value = numberOf(given, key);
  if (value >= 0 && value <= 255) return value;
  throw new RangeError(`Cannot write the colour: ${key} must be from 0 to 255, got ${value}`);
}

function hexOf(parts: readonly number[]): string {
  return `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
