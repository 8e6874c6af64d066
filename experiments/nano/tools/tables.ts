import type { JsonObject } from "seedbed";

import {
  between,
  integer,
  numberOf,
  oneOf,
  pick,
  rounded,
  textOf,
  tool,
  type ArgumentSchema,
  type Tool,
} from "./tool.ts";

/** Symbol and atomic number. */
const elements: Readonly<Record<string, readonly [string, number]>> = {
  hydrogen: ["H", 1],
  helium: ["He", 2],
  lithium: ["Li", 3],
  carbon: ["C", 6],
  nitrogen: ["N", 7],
  oxygen: ["O", 8],
  fluorine: ["F", 9],
  neon: ["Ne", 10],
  sodium: ["Na", 11],
  magnesium: ["Mg", 12],
  aluminium: ["Al", 13],
  silicon: ["Si", 14],
  phosphorus: ["P", 15],
  sulfur: ["S", 16],
  chlorine: ["Cl", 17],
  argon: ["Ar", 18],
  potassium: ["K", 19],
  calcium: ["Ca", 20],
  titanium: ["Ti", 22],
  iron: ["Fe", 26],
  nickel: ["Ni", 28],
  copper: ["Cu", 29],
  zinc: ["Zn", 30],
  silver: ["Ag", 47],
  tin: ["Sn", 50],
  iodine: ["I", 53],
  tungsten: ["W", 74],
  platinum: ["Pt", 78],
  gold: ["Au", 79],
  mercury: ["Hg", 80],
  lead: ["Pb", 82],
  uranium: ["U", 92],
};

const planets = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"];

/** A shop's price list, in cents. */
const prices: Readonly<Record<string, number>> = {
  bread: 320,
  milk: 135,
  butter: 289,
  cheese: 459,
  eggs: 375,
  apples: 249,
  bananas: 179,
  coffee: 649,
  tea: 329,
  rice: 219,
  sugar: 149,
  honey: 595,
  juice: 265,
  chocolate: 189,
  tomatoes: 299,
  potatoes: 239,
};

/** Opening and closing hour of a town's places. */
const hours: Readonly<Record<string, readonly [number, number]>> = {
  library: [9, 18],
  museum: [10, 17],
  bakery: [6, 14],
  "swimming pool": [7, 21],
  "post office": [8, 16],
  supermarket: [7, 22],
  zoo: [9, 19],
  theatre: [15, 23],
  bank: [9, 15],
  cinema: [14, 23],
};

export const tables: readonly Tool[] = [
  lookup(
    "element_symbol",
    "Look up the symbol of a chemical element",
    "element",
    oneOf("The element", Object.keys(elements)),
    {
      run: (element) => ({ symbol: elements[element]![0] }),
      asks: [
        "What is the chemical symbol of {element}?",
        "How is {element} written in chemistry?",
        "Give me the symbol for {element}.",
      ],
      says: ["The symbol of {element} is {symbol}."],
    },
  ),
  lookup(
    "atomic_number",
    "Look up the atomic number of a chemical element",
    "element",
    oneOf("The element", Object.keys(elements)),
    {
      run: (element) => ({ number: elements[element]![1] }),
      asks: ["What is the atomic number of {element}?", "How many protons does {element} have?"],
      says: ["The atomic number of {element} is {number}."],
    },
  ),
  lookup(
    "planet_position",
    "Look up which planet from the sun a planet is",
    "planet",
    oneOf("The planet", planets),
    {
      run: (planet) => ({ position: planets.indexOf(planet) + 1 }),
      asks: [
        "Which planet from the sun is {planet}?",
        "What is the position of {planet} from the sun?",
        "Counted from the sun, which planet is {planet}?",
      ],
      says: ["{planet} is planet number {position} from the sun."],
    },
  ),
  lookup(
    "opening_hours",
    "Look up when a place in town opens and closes",
    "place",
    oneOf("The place", Object.keys(hours)),
    {
      run: (place) => ({ opens: `${hours[place]![0]}:00`, closes: `${hours[place]![1]}:00` }),
      asks: [
        "When is the {place} open?",
        "What are the opening hours of the {place}?",
        "When does the {place} close?",
      ],
      says: ["The {place} is open from {opens} to {closes}."],
    },
  ),
  tool({
    name: "total_price",
    description: "Compute the price of some of one product in the shop",
    parameters: {
      product: oneOf("The product", Object.keys(prices)),
      quantity: integer("How many"),
    },
    run: (given) => ({
      price: priceText(prices[textOf(given, "product")]! * numberOf(given, "quantity")),
    }),
    draw: (random) => ({
      arguments: { product: pick(random, Object.keys(prices)), quantity: between(random, 1, 12) },
    }),
    asks: [
      "How much do {quantity} packs of {product} cost?",
      "What is the price of {quantity} packs of {product}?",
      "I want {quantity} packs of {product}. What do I pay?",
    ],
    then: ["And {quantity} packs of {product}?"],
    says: ["{quantity} packs of {product} cost {price} euros.", "That is {price} euros."],
    incomplete: [
      {
        ask: "How much does {product} cost?",
        question: "How many packs of {product} do you want?",
      },
    ],
  }),
];

interface LookupOptions {
  readonly run: (key: string) => JsonObject;
  asks: readonly string[];
  says: readonly string[];
}

function lookup(
  name: string,
  description: string,
  key: string,
  schema: ArgumentSchema & { readonly enum?: readonly string[] },
  { run, asks, says }: LookupOptions,
): Tool {
  return tool({
    name,
    description,
    parameters: { [key]: schema },
    run: (given) => run(textOf(given, key)),
    draw: (random) => ({ arguments: { [key]: pick(random, schema.enum ?? []) } }),
    asks,
    says,
    then: [`And {${key}}?`, `What about {${key}}?`],
    incomplete: [{ ask: `${description}.`, question: `Which ${key} do you mean?` }],
  });
}

function priceText(cents: number): string {
  return rounded(cents / 100).toFixed(2);
}
