/** A condition over parameters, such as `optimizer.name == "adamW" and model.features % 8 == 0`. */
export interface Expression {
  readonly text: string;
  /** Names that it asks for. */
  readonly names: ReadonlySet<string>;
  /** @param valueOf undefined for a name that has no value, which is equal to nothing else */
  readonly evaluate: (valueOf: ValueOf) => unknown;
}

type ValueOf = (name: string) => unknown;
type Evaluate = (valueOf: ValueOf) => unknown;

const tokenPattern =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?<text>"[^"]*"|'[^']*')|`(?<quoted>[^`]+)`|(?<word>[A-Za-z_][\w.]*)|(?<sign>==|!=|<=|>=|[-+*/%<>()[\],]))/y;

type TokenKind = "number" | "text" | "quoted" | "word" | "sign";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/**
 * Reads a condition. Operators, the loosest first: `or`, `and`, `not`, comparisons and `in [...]`,
 * `+ -`, `* / %`, `-`; values are numbers, texts in quotes, `true`, `false`, `null` and names. A
 * name with other characters than letters, digits, `_` and `.` stands in backticks.
 *
 * @throws {RangeError} saying what was expected where
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text, tokenize(text));
  const evaluate = parser.whole();
  return { text, names: parser.names, evaluate };
}

const kinds: readonly TokenKind[] = ["number", "text", "quoted", "word", "sign"];

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  const pattern = new RegExp(tokenPattern);
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    const kind = kinds.find((each) => groups?.[each] !== undefined);
    if (!groups || !kind)
      throw unreadable(text, "a name, value or operator", text.slice(at).trim());
    tokens.push({ kind, text: groups[kind] ?? "" });
  }
  return tokens;
}

function unreadable(text: string, expected: string, got: string): RangeError {
  return new RangeError(
    `expected ${expected} in the condition ${JSON.stringify(text)}, got ${got}`,
  );
}

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  "==": (a, b) => isEqual(a, b),
  "!=": (a, b) => !isEqual(a, b),
  "<": (a, b) => order(a, b) < 0,
  "<=": (a, b) => order(a, b) <= 0,
  ">": (a, b) => order(a, b) > 0,
  ">=": (a, b) => order(a, b) >= 0,
  in: (a, b) => Array.isArray(b) && b.some((each) => isEqual(a, each)),
};

const sums: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
};

const products: Readonly<Record<string, (a: number, b: number) => number>> = {
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/** Below 0, 0 or above it for two numbers or two texts; NaN, which no comparison finds, for others. */
function order(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  return Number.NaN;
}

const toNumber = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** Deepest nesting: each level calls the next. */
const deepest = 100;

/** By recursive descent, one method for each level of operators. */
class Parser {
  readonly names = new Set<string>();
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  whole(): Evaluate {
    const evaluate = this.#or();
    if (this.#at < this.#tokens.length) throw this.#unexpected("an operator or the end");
    return evaluate;
  }

  #or(): Evaluate {
    const parts = this.#separated("or", () => this.#and());
    return parts.length === 1 ? parts[0]! : (valueOf) => parts.some((part) => part(valueOf));
  }

  #and(): Evaluate {
    const parts = this.#separated("and", () => this.#not());
    return parts.length === 1 ? parts[0]! : (valueOf) => parts.every((part) => part(valueOf));
  }

  #not(): Evaluate {
    if (!this.#take("not")) return this.#comparison();
    const inner = this.#deeper(() => this.#not());
    return (valueOf) => !inner(valueOf);
  }

  #comparison(): Evaluate {
    const left = this.#sum();
    const compare = this.#takeOne(comparisons);
    if (!compare) return left;
    const right = this.#sum();
    return (valueOf) => compare(left(valueOf), right(valueOf));
  }

  #sum(): Evaluate {
    return this.#leftToRight(sums, () => this.#product());
  }

  #product(): Evaluate {
    return this.#leftToRight(products, () => this.#value());
  }

  #leftToRight(
    operators: Readonly<Record<string, (a: number, b: number) => number>>,
    operand: () => Evaluate,
  ): Evaluate {
    let left = operand();
    for (let apply = this.#takeOne(operators); apply; apply = this.#takeOne(operators)) {
      const [a, b, both] = [left, operand(), apply];
      left = (valueOf) => both(toNumber(a(valueOf)), toNumber(b(valueOf)));
    }
    return left;
  }

  #value(): Evaluate {
    if (this.#take("-")) {
      const inner = this.#deeper(() => this.#value());
      return (valueOf) => -toNumber(inner(valueOf));
    }
    if (this.#take("(")) return this.#closed(")", () => this.#or());
    if (this.#take("[")) return this.#list();
    return this.#atom();
  }

  #list(): Evaluate {
    const items = this.#closed("]", () => this.#separated(",", () => this.#or()));
    return (valueOf) => items.map((item) => item(valueOf));
  }

  #atom(): Evaluate {
    const token = this.#tokens[this.#at];
    if (!token || token.kind === "sign") throw this.#unexpected("a name or value");
    this.#at++;
    if (token.kind === "number") return () => Number(token.text);
    if (token.kind === "text") return () => token.text.slice(1, -1);
    if (token.kind === "word" && constants.has(token.text)) return () => constants.get(token.text);
    this.names.add(token.text);
    return (valueOf) => valueOf(token.text);
  }

  #separated(word: string, part: () => Evaluate): Evaluate[] {
    const parts = [part()];
    while (this.#take(word)) parts.push(part());
    return parts;
  }

  #closed<T>(sign: string, inner: () => T): T {
    const result = this.#deeper(inner);
    if (!this.#take(sign)) throw this.#unexpected(`"${sign}"`);
    return result;
  }

  #deeper<T>(inner: () => T): T {
    if (++this.#depth > deepest) throw this.#unexpected(`at most ${deepest} nested parts`);
    const result = inner();
    this.#depth--;
    return result;
  }

  #take(word: string): boolean {
    const token = this.#tokens[this.#at];
    const isIt = (token?.kind === "word" || token?.kind === "sign") && token.text === word;
    if (isIt) this.#at++;
    return isIt;
  }

  #takeOne<T>(operators: Readonly<Record<string, T>>): T | undefined {
    const word = Object.keys(operators).find((each) => this.#take(each));
    return word === undefined ? undefined : operators[word];
  }

  #unexpected(expected: string): RangeError {
    const token = this.#tokens[this.#at];
    return unreadable(this.#text, expected, token ? JSON.stringify(token.text) : "its end");
  }
}
