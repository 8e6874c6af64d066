import { ConstraintError } from "./constraintError.ts";

/** Bytes `first` to `last`, both included. */
export type ByteRange = readonly [first: number, last: number];

/**
 * An automaton beside the expressions, for what these say badly, such as numbers between two bounds.
 * States are texts, equal where the same may follow.
 */
export interface Machine {
  readonly start: string;
  /** The state after a byte; undefined where it may not follow. */
  step(state: string, byte: number): string | undefined;
  accepts(state: string): boolean;
  /** Fewest bytes to a state that accepts; infinite where there is none. */
  distance(state: string): number;
}

type Content =
  | { readonly kind: "never" }
  | { readonly kind: "empty" }
  | { readonly kind: "bytes"; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "sequence"; readonly head: Expression; readonly tail: Expression }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | { readonly kind: "intersection"; readonly a: Expression; readonly b: Expression }
  | {
      readonly kind: "repeat";
      readonly item: Expression;
      readonly least: number;
      readonly most: number;
    }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "machine"; readonly machine: Machine; readonly state: string };

/** A set of byte strings. Of equal content there is one object only. */
export type Expression = Content & {
  readonly id: number;
  /** Whether the empty string is in it. */
  readonly isNullable: boolean;
};

/** What may follow an expression's first byte, as far as it was asked for. */
interface Following {
  /** Of each byte: bytes of one kind are followed by the same. */
  readonly kinds: Uint8Array;
  readonly afterKind: (Expression | undefined)[];
}

/** Most different expressions of a grammar, so that none eats up the memory. */
const mostExpressions = 400_000;

/**
 * Makes expressions, and says what may follow after a byte: the derivative, which is an expression
 * again. Rules may use each other and themselves, so that the strings are those of a context-free
 * grammar, but none may begin with itself.
 *
 * Source: Brzozowski 1964, "Derivatives of regular expressions"; Might, Darais & Spiewak 2011,
 * "Parsing with derivatives".
 */
export class Expressions {
  readonly #known = new Map<string, Expression>();
  readonly #machines = new Map<Machine, number>();
  readonly #rules = new Map<string, Expression>();
  readonly #following: (Following | undefined)[] = [];
  readonly #open = new Set<string>();
  #distances: (number | undefined)[] = [];
  #ruleDistances: Map<string, number> | undefined;

  /** No string. */
  readonly never: Expression = this.#make("never", { kind: "never" }, false);
  /** The empty string alone. */
  readonly empty: Expression = this.#make("empty", { kind: "empty" }, true);

  /** One byte of these. */
  bytes(ranges: readonly ByteRange[]): Expression {
    const joined = joinRanges(ranges);
    if (joined.length === 0) return this.never;
    return this.#make(`b${joined.join(";")}`, { kind: "bytes", ranges: joined }, false);
  }

  /** These bytes, one after the other. */
  literal(bytes: Uint8Array): Expression {
    return this.sequence(...Array.from(bytes, (byte) => this.bytes([[byte, byte]])));
  }

  /** A text, in UTF-8. */
  text(text: string): Expression {
    return this.literal(new TextEncoder().encode(text));
  }

  sequence(...parts: readonly Expression[]): Expression {
    return parts.reduceRight((tail, head) => this.#pair(head, tail), this.empty);
  }

  #pair(head: Expression, tail: Expression): Expression {
    if (head === this.never || tail === this.never) return this.never;
    if (head === this.empty) return tail;
    if (tail === this.empty) return head;
    if (head.kind === "sequence") return this.#pair(head.head, this.#pair(head.tail, tail));
    const isNullable = head.isNullable && tail.isNullable;
    return this.#make(`s${head.id},${tail.id}`, { kind: "sequence", head, tail }, isNullable);
  }

  /** Strings of any of these. */
  choice(...options: readonly Expression[]): Expression {
    const [only = this.never] = options;
    if (options.length < 2) return only;
    const flat = options.flatMap((each) => (each.kind === "choice" ? each.options : [each]));
    const own = new Map(flat.filter((each) => each !== this.never).map((each) => [each.id, each]));
    const sorted = [...own.values()].toSorted((a, b) => a.id - b.id);
    if (sorted.length === 0) return this.never;
    if (sorted.length === 1) return sorted[0]!;
    return this.#make(
      `c${sorted.map(({ id }) => id).join()}`,
      { kind: "choice", options: sorted },
      sorted.some(({ isNullable }) => isNullable),
    );
  }

  /** Strings that are in both; neither may use rules. */
  intersection(first: Expression, second: Expression): Expression {
    if (first === second) return first;
    const [a, b] = first.id < second.id ? [first, second] : [second, first];
    if (a === this.never || b === this.never) return this.never;
    return this.#make(
      `i${a.id},${b.id}`,
      { kind: "intersection", a, b },
      a.isNullable && b.isNullable,
    );
  }

  /** One after the other, so many of one expression. */
  repeat(item: Expression, least = 0, most: number = Infinity): Expression {
    if (most === 0 || item === this.empty) return this.empty;
    if (item === this.never) return least === 0 ? this.empty : this.never;
    if (least === 1 && most === 1) return item;
    const isNullable = least === 0 || item.isNullable;
    return this.#make(
      `r${item.id},${least},${most}`,
      { kind: "repeat", item, least, most },
      isNullable,
    );
  }

  optional(item: Expression): Expression {
    return this.choice(item, this.empty);
  }

  machine(machine: Machine, state: string = machine.start): Expression {
    let id = this.#machines.get(machine);
    if (id === undefined) this.#machines.set(machine, (id = this.#machines.size));
    const content = { kind: "machine", machine, state } as const;
    return this.#make(`m${id},${state}`, content, machine.accepts(state));
  }

  /** What a rule of this name stands for, which `define` says. */
  rule(name: string): Expression {
    return this.#make(`n${name}`, { kind: "rule", name }, false);
  }

  /** @throws {ConstraintError} for a rule that may be empty */
  define(name: string, expression: Expression): void {
    if (expression.isNullable) {
      throw new ConstraintError(`rule ${name} may be empty`);
    }
    this.#rules.set(name, expression);
    this.#distances = [];
    this.#ruleDistances = undefined;
  }

  #make(key: string, content: Content, isNullable: boolean): Expression {
    const found = this.#known.get(key);
    if (found) return found;
    if (this.#known.size >= mostExpressions) {
      throw new ConstraintError("it has too many states");
    }
    const made: Expression = { ...content, id: this.#known.size, isNullable };
    this.#known.set(key, made);
    return made;
  }

  /**
   * What may follow in a string of the expression after a byte; `never` where the byte may not be
   * there, or nothing can end what it begins.
   *
   * @throws {ConstraintError} for a rule that begins with itself
   */
  derivative(expression: Expression, byte: number): Expression {
    const following = (this.#following[expression.id] ??= this.#followingOf(expression));
    const kind = following.kinds[byte]!;
    const known = following.afterKind[kind];
    if (known) return known;
    const found = this.#derive(expression, byte);
    const result = this.distance(found) === Infinity ? this.never : found;
    following.afterKind[kind] = result;
    return result;
  }

  /** Nothing is known yet but which bytes are followed by the same. */
  #followingOf(expression: Expression): Following {
    const starts = this.#differentBytes(expression, { followsRules: true });
    const kinds = new Uint8Array(256);
    for (const [kind, start] of starts.entries()) kinds.fill(kind, start);
    return { kinds, afterKind: [] };
  }

  #derive(expression: Expression, byte: number): Expression {
    switch (expression.kind) {
      case "never":
      case "empty":
        return this.never;
      case "bytes":
        return expression.ranges.some(([first, last]) => byte >= first && byte <= last)
          ? this.empty
          : this.never;
      case "sequence": {
        const { head, tail } = expression;
        const inHead = this.#pair(this.derivative(head, byte), tail);
        return head.isNullable ? this.choice(inHead, this.derivative(tail, byte)) : inHead;
      }
      case "choice":
        return this.choice(
          ...expression.options.flatMap((option) =>
            mayStart(option, byte) ? [this.derivative(option, byte)] : [],
          ),
        );
      case "intersection":
        return this.intersection(
          this.derivative(expression.a, byte),
          this.derivative(expression.b, byte),
        );
      case "repeat": {
        const { item, least, most } = expression;
        const rest = this.repeat(item, Math.max(0, least - 1), most - 1);
        return this.#pair(this.derivative(item, byte), rest);
      }
      case "machine": {
        const { machine, state } = expression;
        const next = machine.step(state, byte);
        return next === undefined ? this.never : this.machine(machine, next);
      }
      case "rule":
        return this.#inRule(expression.name, (rule) => this.derivative(rule, byte));
      default:
        return expression satisfies never;
    }
  }

  #inRule<Found>(name: string, look: (rule: Expression) => Found): Found {
    if (this.#open.has(name)) {
      throw new ConstraintError(`rule ${name} begins with itself`);
    }
    this.#open.add(name);
    try {
      return look(this.#ruleOf(name));
    } finally {
      this.#open.delete(name);
    }
  }

  #ruleOf(name: string): Expression {
    const rule = this.#rules.get(name);
    if (rule) return rule;
    throw new ConstraintError(`rule ${name} is not defined`);
  }

  /** Fewest bytes of a string of the expression; infinite where there is none. */
  distance(expression: Expression): number {
    if (!this.#ruleDistances) this.#measureRules();
    return this.#measure(expression, this.#distances);
  }

  /** Rules know each other's least lengths only step by step: until none becomes less. */
  #measureRules(): void {
    this.#ruleDistances = new Map([...this.#rules.keys()].map((name) => [name, Infinity]));
    for (let isDone = false; !isDone;) {
      isDone = true;
      const distances: (number | undefined)[] = [];
      for (const [name, rule] of this.#rules) {
        const found = this.#measure(rule, distances);
        if (found >= this.#ruleDistances.get(name)!) continue;
        this.#ruleDistances.set(name, found);
        isDone = false;
      }
    }
    this.#distances = [];
  }

  #measure(expression: Expression, distances: (number | undefined)[]): number {
    if (expression.isNullable) return 0;
    const known = distances[expression.id];
    if (known !== undefined) return known;
    const found = this.#measured(expression, distances);
    distances[expression.id] = found;
    return found;
  }

  #measured(expression: Expression, distances: (number | undefined)[]): number {
    const of = (part: Expression): number => this.#measure(part, distances);
    switch (expression.kind) {
      case "never":
        return Infinity;
      case "empty":
        return 0;
      case "bytes":
        return 1;
      case "sequence":
        return of(expression.head) + of(expression.tail);
      case "choice":
        return expression.options.reduce((least, option) => Math.min(least, of(option)), Infinity);
      case "intersection":
        return this.#measureIntersection(expression, distances);
      case "repeat":
        return expression.least * of(expression.item);
      case "machine":
        return expression.machine.distance(expression.state);
      case "rule":
        return this.#ruleDistances?.get(expression.name) ?? Infinity;
      default:
        return expression satisfies never;
    }
  }

  /** Looks for the shortest string that is in both, through all that may follow. */
  #measureIntersection(expression: Expression, distances: (number | undefined)[]): number {
    const seen = new Set([expression]);
    let level = [expression];
    for (let length = 0; level.length > 0; length++) {
      if (level.some(({ isNullable }) => isNullable)) return length;
      const next = new Set<Expression>();
      for (const each of level) {
        const known = each === expression ? undefined : distances[each.id];
        if (known === Infinity) continue;
        for (const byte of this.#differentBytes(each)) {
          const after = this.#derive(each, byte);
          if (after !== this.never && !seen.has(after)) next.add(after);
        }
      }
      for (const each of next) seen.add(each);
      if (seen.size > mostPairs)
        throw new ConstraintError("its parts go together in too many ways");
      level = [...next];
    }
    return Infinity;
  }

  /**
   * The first byte of each kind that an expression tells apart, in their order.
   *
   * @throws {ConstraintError} for a rule, unless it is followed
   */
  #differentBytes(expression: Expression, { followsRules = false } = {}): number[] {
    const starts = new Set<number>([0]);
    const collect = (part: Expression): void => {
      if (part.kind === "bytes") {
        for (const [first, last] of part.ranges) starts.add(first).add(last + 1);
      } else if (part.kind === "sequence") {
        collect(part.head);
        if (part.head.isNullable) collect(part.tail);
      } else if (part.kind === "choice") part.options.forEach(collect);
      else if (part.kind === "repeat") collect(part.item);
      else if (part.kind === "intersection") [part.a, part.b].forEach(collect);
      else if (part.kind === "machine") for (let byte = 0; byte < 256; byte++) starts.add(byte);
      else if (part.kind === "rule" && followsRules) this.#inRule(part.name, collect);
      else if (part.kind === "rule") {
        throw new ConstraintError(
          `rule ${part.name} has a part that has to fit another one as well`,
        );
      }
    };
    collect(expression);
    return [...starts].filter((byte) => byte < 256).toSorted((a, b) => a - b);
  }
}

/** False where it is plain that no string begins with a byte: there are long lists of characters. */
function mayStart(expression: Expression, byte: number): boolean {
  const first = expression.kind === "sequence" ? expression.head : expression;
  return first.kind !== "bytes" || first.ranges.some(([from, to]) => byte >= from && byte <= to);
}

/** Most states in which two expressions are followed together. */
const mostPairs = 20_000;

function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}
