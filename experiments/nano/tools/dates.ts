import type { JsonObject, RandomStream } from "seedbed";

import { between, integer, numberOf, oneOf, pick, text, textOf, tool, type Tool } from "./tool.ts";

const dayMs = 86_400_000;
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
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const date = text("A date as YYYY-MM-DD");

export const dates: readonly Tool[] = [
  tool({
    name: "days_between",
    description: "Count the days from one date to another",
    parameters: { start: date, end: date },
    run: (given) => ({ days: (dayOf(given, "end") - dayOf(given, "start")) / dayMs }),
    draw(random) {
      const start = drawDate(random);
      const end = start + between(random, 1, 400) * dayMs;
      return {
        arguments: { start: iso(start), end: iso(end) },
        words: written(random, { start, end }),
      };
    },
    asks: [
      "How many days are there from {start} to {end}?",
      "Count the days between {start} and {end}.",
      "How long is it from {start} until {end}, in days?",
    ],
    then: ["And from {start} to {end}?"],
    says: ["From {start} to {end} there are {days} days.", "It is {days} days."],
    incomplete: [
      { ask: "How many days is it until {end}?", question: "From which date should I count?" },
    ],
  }),
  tool({
    name: "add_days",
    description: "Find the date some days after a date",
    parameters: { date, days: integer("How many days later") },
    run: (given) => ({ result: iso(dayOf(given, "date") + numberOf(given, "days") * dayMs) }),
    draw(random) {
      const from = drawDate(random);
      return {
        arguments: { date: iso(from), days: between(random, 2, 200) },
        words: written(random, { date: from }),
      };
    },
    asks: [
      "What is the date {days} days after {date}?",
      "Which date is {days} days after {date}?",
      "Add {days} days to {date}.",
    ],
    then: ["And {days} days after {date}?"],
    says: ["{days} days after {date} is {result}.", "The date is {result}."],
    incomplete: [
      {
        ask: "What will be the date in {days} days?",
        question: "From which date should I count {days} days?",
      },
    ],
  }),
  tool({
    name: "weekday_of",
    description: "Find the day of the week of a date",
    parameters: { date },
    run: (given) => ({ weekday: weekdays[new Date(dayOf(given, "date")).getUTCDay()]! }),
    draw(random) {
      const day = drawDate(random);
      return { arguments: { date: iso(day) }, words: written(random, { date: day }) };
    },
    asks: [
      "What day of the week is {date}?",
      "Which weekday is {date}?",
      "On which day of the week does {date} fall?",
    ],
    then: ["And {date}?", "What about {date}?"],
    says: ["{date} is a {weekday}.", "It is a {weekday}."],
    incomplete: [{ ask: "Which day of the week is it?", question: "For which date?" }],
  }),
  tool({
    name: "is_leap_year",
    description: "Tell whether a year has 366 days",
    parameters: { year: integer("The year") },
    run: (given) => ({
      result: daysIn(numberOf(given, "year"), 1) === 29 ? "a leap year" : "not a leap year",
    }),
    draw: (random) => ({ arguments: { year: between(random, 1600, 2400) } }),
    asks: [
      "Is {year} a leap year?",
      "Does the year {year} have 366 days?",
      "Was {year} a leap year?",
    ],
    then: ["And {year}?", "What about {year}?"],
    says: ["{year} is {result}.", "The year {year} is {result}."],
  }),
  tool({
    name: "days_in_month",
    description: "Count the days of a month",
    parameters: { month: oneOf("The month", months), year: integer("The year") },
    run: (given) => ({
      days: daysIn(numberOf(given, "year"), months.indexOf(textOf(given, "month"))),
    }),
    draw: (random) => ({
      arguments: { month: pick(random, months), year: between(random, 1900, 2100) },
    }),
    asks: [
      "How many days does {month} {year} have?",
      "How long is {month} {year}?",
      "How many days are in {month} {year}?",
    ],
    then: ["And {month} {year}?"],
    says: ["{month} {year} has {days} days."],
    incomplete: [{ ask: "How many days does {month} have?", question: "In which year?" }],
  }),
];

/** @returns milliseconds since 1970, at midnight UTC */
function dayOf(given: JsonObject, key: string): number {
  const value = textOf(given, key);
  const day = Date.parse(`${value}T00:00:00Z`);
  if (Number.isFinite(day) && iso(day) === value) return day;
  throw new RangeError(`Cannot read date "${value}": expected YYYY-MM-DD`);
}

/** @param day milliseconds since 1970 */
export function iso(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** @returns milliseconds since 1970, at midnight UTC */
export function drawDate(random: RandomStream): number {
  return Date.UTC(between(random, 1950, 2049), 0, 1 + random.integer(365));
}

/** @param month from 0 */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

/** All dates in one of the ways in which people write them. */
export function written(
  random: RandomStream,
  days: Readonly<Record<string, number>>,
): Record<string, string> {
  const way = random.integer(3);
  return Object.fromEntries(
    Object.entries(days).map(([name, day]) => {
      const [year, month, dayOfMonth] = [
        new Date(day).getUTCFullYear(),
        months[new Date(day).getUTCMonth()]!,
        new Date(day).getUTCDate(),
      ];
      return [
        name,
        [iso(day), `${dayOfMonth} ${month} ${year}`, `${month} ${dayOfMonth}, ${year}`][way]!,
      ];
    }),
  );
}
