import { createHash } from "node:crypto";

import { RandomStream, type JsonObject, type JsonValue } from "seedbed";

import { drawDate, iso, written } from "./dates.ts";
import { drawCode, drawInteger, drawName } from "./drawnValues.ts";
import { findTool } from "./index.ts";
import {
  between,
  integer,
  inWords,
  number,
  numbers,
  oneOf,
  pick,
  several,
  text,
  textOf,
  texts,
  tool,
  type ArgumentSchema,
  type DrawnCall,
  type Tool,
} from "./tool.ts";

/** A verb in functions' names, and how people say it. */
const verbs: readonly (readonly [name: string, ...said: string[]])[] = [
  ["find", "find", "look up", "search for"],
  ["get", "get", "give me", "show me"],
  ["create", "create", "make", "set up"],
  ["delete", "delete", "remove", "throw away"],
  ["send", "send", "mail", "pass on"],
  ["book", "book", "reserve"],
  ["order", "order", "buy"],
  ["measure", "measure", "check the size of"],
  ["compare", "compare", "weigh up"],
  ["rate", "rate", "judge"],
  ["move", "move", "shift"],
  ["open", "open", "start"],
  ["close", "close", "shut"],
  ["paint", "paint", "colour"],
  ["repair", "repair", "fix", "mend"],
  ["count", "count", "tally"],
  ["rename", "rename", "give a new name to"],
  ["schedule", "schedule", "plan"],
  ["record", "record", "write down", "note"],
  ["translate", "translate", "put into words"],
];

/** What arguments of one kind are called, what they are, and what they may be. */
interface ArgumentKind {
  readonly names: readonly string[];
  schema(random: RandomStream, name: string, words: readonly string[]): ArgumentSchema;
  draw(random: RandomStream, words: readonly string[], schema: ArgumentSchema): JsonValue;
  /** How a person writes it, where that is otherwise. */
  say?(random: RandomStream, value: JsonValue): string;
}

const kinds: readonly ArgumentKind[] = [
  {
    names: ["count", "quantity", "size", "limit", "copies", "level"],
    schema: (_, name) => integer(`The ${name}`),
    draw: (random) => drawInteger(random),
  },
  {
    names: ["weight", "price", "distance", "temperature", "share"],
    schema: (_, name) => number(`The ${name}`),
    draw: (random) => drawInteger(random) / pick(random, [1, 10, 100]),
  },
  {
    names: ["word", "label", "topic", "item", "keyword", "product"],
    schema: (_, name) => text(`The ${name}`),
    draw: (random, words) => pick(random, words),
  },
  {
    names: ["name", "customer", "author", "recipient", "owner", "place"],
    schema: (_, name) => text(`The ${name}`),
    draw: (random) => drawName(random),
  },
  {
    names: ["title", "message", "subject", "phrase"],
    schema: (_, name) => text(`The ${name}`),
    draw: (random, words) => several(random, words, between(random, 2, 5)).join(" "),
  },
  {
    names: ["code", "id", "reference", "colour"],
    schema: (_, name) => text(`The ${name}`),
    draw: (random) => drawCode(random),
  },
  {
    names: ["items", "tags", "words", "topics"],
    schema: (_, name) => texts(`The ${name}`),
    draw: (random, words) => several(random, words, between(random, 2, 5)),
  },
  {
    names: ["names", "people", "guests", "places"],
    schema: (_, name) => texts(`The ${name}`),
    draw: (random) => Array.from({ length: between(random, 2, 5) }, () => drawName(random)),
  },
  {
    names: ["values", "scores", "readings", "numbers"],
    schema: (_, name) => numbers(`The ${name}`),
    draw: (random) => Array.from({ length: between(random, 2, 6) }, () => drawInteger(random)),
  },
  {
    names: ["date", "day", "deadline", "birthday"],
    schema: (_, name) => text(`The ${name} as YYYY-MM-DD`),
    draw: (random) => iso(drawDate(random)),
    say: (random, value) =>
      written(random, { date: Date.parse(textOf({ value }, "value")) })["date"]!,
  },
  {
    names: ["mode", "type", "unit", "format", "style"],
    schema: (random, name, words) =>
      oneOf(`The ${name}`, several(random, words, between(random, 3, 5))),
    draw: (random, _, schema) => pick(random, schema.enum ?? []),
  },
];

export interface InventToolsOptions {
  seed: number;
  count: number;
  /** Nouns, at least five: what functions are about, and what they are called with. */
  words: readonly string[];
}

/**
 * Functions that nobody has: verbs, things and arguments joined by chance, and calls with any word,
 * name or number. Who learns from them cannot know a name by heart, but has to read what is offered
 * and to copy what is asked for. Each gives a number that its arguments decide.
 *
 * @returns functions with names of their own, none of them that of a real one
 * @throws {RangeError} where the words are too few for so many names
 */
export function inventTools({ seed, count, words }: InventToolsOptions): Tool[] {
  const most = (verbs.length * words.length) / 2; // beyond that chance hardly finds another
  if (count > most) {
    throw new RangeError(
      `Cannot invent ${count} functions: expected at most ${most} of ${words.length} words`,
    );
  }
  const invented = new Map<string, Tool>();
  for (let i = 0; invented.size < count; i++) {
    const made = inventTool(new RandomStream(seed, "nano/invented", i), words);
    if (!findTool(made.name) && !invented.has(made.name)) invented.set(made.name, made);
  }
  return [...invented.values()];
}

/** A function's arguments with the kinds that they are of. */
type Arguments = readonly (readonly [name: string, kind: ArgumentKind, schema: ArgumentSchema])[];

function inventTool(random: RandomStream, words: readonly string[]): Tool {
  const [verb, ...said] = pick(random, verbs);
  const thing = pick(random, words);
  const given = several(random, kinds, pick(random, [1, 1, 2, 2, 3])).map((kind) => {
    const name = pick(random, kind.names);
    return [name, kind, kind.schema(random, name, words)] as const;
  });
  const result = pick(random, ["ticket", "number", "result"]);
  return tool({
    name: `${verb}_${thing}`,
    description: `${capital(verb)} ${article(thing)} ${thing}`,
    parameters: Object.fromEntries(given.map(([name, , schema]) => [name, schema])),
    run: (call) => ({ [result]: numberFor(`${verb}_${thing}`, call) }),
    draw: (stream) => drawCall(stream, given, words),
    ...sentences(random, { said: pick(random, said), thing, names: given.map(([name]) => name) }),
    says: [`The ${result} is {${result}}.`, `Done: ${result} {${result}}.`],
  });
}

function drawCall(random: RandomStream, given: Arguments, words: readonly string[]): DrawnCall {
  const drawn = given.map(([name, kind, schema]) => {
    const value = kind.draw(random, words, schema);
    return { name, value, said: kind.say?.(random, value) };
  });
  const said = drawn.filter((each) => each.said !== undefined);
  return {
    arguments: Object.fromEntries(drawn.map(({ name, value }) => [name, value])),
    words: Object.fromEntries(said.map(({ name, said: text }) => [name, text!])),
  };
}

/** What people say who want a call: the arguments with their names, or one alone without. */
function sentences(
  random: RandomStream,
  { said, thing, names }: { said: string; thing: string; names: readonly string[] },
): Pick<Tool, "asks" | "then" | "incomplete"> {
  const one = `${article(thing)} ${thing}`;
  const withAll = several(random, names, names.length); // in any order
  const listed = withAll.map((name) => `${name} {${name}}`);
  const taken = withAll.map((name) => `{${name}} as the ${name}`);
  const [last = "", ...others] = withAll;
  const asks = [
    `${capital(said)} ${one} with ${inWords(listed)}.`,
    `Please ${said} the ${thing}: ${listed.join(", ")}.`,
    `I want you to ${said} ${one}, ${inWords(taken)}.`,
  ];
  if (names.length === 1) asks.push(`${capital(said)} the ${thing} {${last}}.`);
  const known = others.map((name) => `${name} {${name}}`);
  const missing = [`${capital(said)} ${one}`, ...(known.length > 0 ? [inWords(known)] : [])];
  return {
    asks,
    then: [`And with ${inWords(listed)}?`, `Now ${listed.join(", ")}.`],
    incomplete: [{ ask: `${missing.join(" with ")}.`, question: `With which ${last}?` }],
  };
}

const capital = (phrase: string): string => phrase[0]!.toUpperCase() + phrase.slice(1);
const article = (word: string): string => (/^[aeio]/.test(word) ? "an" : "a");

/** Four digits that a call decides. */
function numberFor(name: string, call: JsonObject): number {
  const hash = createHash("sha256")
    .update(JSON.stringify([name, call]))
    .digest();
  return 1000 + (hash.readUInt32BE(0) % 9000);
}
