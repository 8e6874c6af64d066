import { between, number, numberOf, rounded, tool, type Tool } from "./tool.ts";

const width = number("How wide it is");
const height = number("How high it is");

export const geometry: readonly Tool[] = [
  tool({
    name: "rectangle_area",
    description: "Compute the area of a rectangle",
    parameters: { width, height },
    run: (given) => ({ area: rounded(numberOf(given, "width") * numberOf(given, "height")) }),
    draw: (random) => ({
      arguments: { width: between(random, 2, 99), height: between(random, 2, 99) },
    }),
    asks: [
      "What is the area of a rectangle {width} wide and {height} high?",
      "How big is a {width} by {height} rectangle?",
      "A rectangle is {width} wide and {height} high. What is its area?",
    ],
    then: ["And one that is {width} wide and {height} high?"],
    says: ["The area is {area}.", "Its area is {area}."],
    incomplete: [
      {
        ask: "What is the area of a rectangle {width} wide?",
        question: "How high is the rectangle?",
      },
    ],
  }),
  tool({
    name: "rectangle_perimeter",
    description: "Compute the length around a rectangle",
    parameters: { width, height },
    run: (given) => ({
      perimeter: rounded(2 * (numberOf(given, "width") + numberOf(given, "height"))),
    }),
    draw: (random) => ({
      arguments: { width: between(random, 2, 99), height: between(random, 2, 99) },
    }),
    asks: [
      "What is the perimeter of a rectangle {width} wide and {height} high?",
      "How long is the edge around a {width} by {height} rectangle?",
    ],
    then: ["And one that is {width} wide and {height} high?"],
    says: ["The perimeter is {perimeter}."],
    incomplete: [
      {
        ask: "What is the perimeter of a rectangle {width} wide?",
        question: "How high is the rectangle?",
      },
    ],
  }),
  tool({
    name: "circle_area",
    description: "Compute the area of a circle",
    parameters: { radius: number("From the centre to the edge") },
    run: (given) => ({ area: rounded(Math.PI * numberOf(given, "radius") ** 2) }),
    draw: (random) => ({ arguments: { radius: between(random, 1, 60) } }),
    asks: [
      "What is the area of a circle with radius {radius}?",
      "How big is a circle of radius {radius}?",
      "Compute the area of a circle whose radius is {radius}.",
    ],
    then: ["And with radius {radius}?"],
    says: ["A circle with radius {radius} has an area of {area}.", "The area is {area}."],
    incomplete: [
      { ask: "What is the area of my circle?", question: "What is the radius of the circle?" },
    ],
  }),
  tool({
    name: "triangle_area",
    description: "Compute the area of a triangle",
    parameters: {
      base: number("The length of one side"),
      height: number("How high it is above that side"),
    },
    run: (given) => ({ area: rounded((numberOf(given, "base") * numberOf(given, "height")) / 2) }),
    draw: (random) => ({
      arguments: { base: between(random, 2, 99), height: between(random, 2, 99) },
    }),
    asks: [
      "What is the area of a triangle with base {base} and height {height}?",
      "A triangle has a base of {base} and is {height} high. How big is it?",
    ],
    then: ["And with base {base} and height {height}?"],
    says: ["The triangle has an area of {area}."],
    incomplete: [
      {
        ask: "What is the area of a triangle with base {base}?",
        question: "How high is the triangle?",
      },
    ],
  }),
];
