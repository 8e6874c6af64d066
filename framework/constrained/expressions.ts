import { hasByte, joinRanges, type ByteRange } from "./byteRanges.ts";
import { ConstraintError } from "./constraintError.ts";
import { optionsOf, type Expression, type Machine } from "./expression.ts";
import { FollowingTable } from "./followingTable.ts";
import { LeastBytes } from "./leastBytes.ts";
import { SequenceTable } from "./sequenceTable.ts";

export type { ByteRange } from "./byteRanges.ts";
export type { Expression, Machine } from "./expression.ts";

/** Most different expressions, options counted singly, so that none eats up the memory. */
const mostExpressions = 300_000;

/** Of one with all that is known of it. */
const expressionBytes = 250;

/** Of them before the first text: making them keeps others waiting, for a tenth of a second or so. */
const mostAtFirst = 150_000;

const encoder = new TextEncoder();

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
  readonly #sequences = new SequenceTable();
  readonly #single: (Expression | undefined)[];
  readonly #machines = new Map<string, number>();
  readonly #rules = new Map<string, Expression>();
  readonly #following: FollowingTable;
  readonly #open = new Set<string>();
  readonly #least: LeastBytes;
  /** Expressions of `base`, whose ids are the first. */
  readonly #start: number;
  #count: number;
  #size = 0;
  #most = mostAtFirst;

  /** Those that were there before any was made here. */
  readonly base: Expressions | undefined;
  /** No string. */
  readonly never: Expression;
  /** The empty string alone. */
  readonly empty: Expression;

  /** @param base closed; its expressions are also of these, with all that is known of them */
  constructor(base?: Expressions) {
    this.base = base;
    this.#single = base ? [...base.#single] : [];
    this.#start = this.#count = base ? base.#count : 0;
    this.#following = new FollowingTable(this.#start, (name, look) => this.#inRule(name, look));
    this.#least = new LeastBytes(
      this.#rules,
      (each, byte) => this.#derive(each, byte),
      base && { least: base.#least, count: base.#count },
    );
    this.never = base?.never ?? { kind: "never", id: this.#next(), isNullable: false };
    this.empty = base?.empty ?? { kind: "empty", id: this.#next(), isNullable: true };
  }

  /**
   * Finds all that may follow in what was made, so that nothing is left to be made.
   *
   * @throws {ConstraintError} when that is very much
   */
  close(): void {
    const found = new Set<Expression>();
    for (let before = -1; before < found.size;) {
      before = found.size;
      const made = [...this.#known.values(), ...this.#sequences.values(), ...this.#single];
      for (const each of made) if (each) found.add(each);
      for (const each of found) {
        this.distance(each);
        for (let byte = 0; byte < 256; byte++) this.derivative(each, byte);
      }
    }
    this.#most = 0;
  }

  #find(key: string): Expression | undefined {
    const { base } = this;
    return this.#known.get(key) ?? (base && base.#known.get(key));
  }

  /** Expressions that were made, options of choices counted singly. */
  get size(): number {
    return this.#size;
  }

  /** Memory of what was made. */
  get sizeBytes(): number {
    return this.#size * expressionBytes;
  }

  /** One byte of these. */
  bytes(ranges: readonly ByteRange[]): Expression {
    const joined = joinRanges(ranges);
    if (joined.length === 0) return this.never;
    const [first, last] = joined[0]!;
    if (joined.length === 1 && first === last) return this.#byte(first);
    const key = `b${joined.join(";")}`;
    const found = this.#find(key);
    if (found) return found;
    return this.#keep(key, { kind: "bytes", ranges: joined, id: this.#next(), isNullable: false });
  }

  #byte(byte: number): Expression {
    const known = this.#single[byte];
    if (known) return known;
    const ranges = [[byte, byte]] as const;
    return (this.#single[byte] = { kind: "bytes", ranges, id: this.#next(), isNullable: false });
  }

  /** These bytes, one after the other. */
  literal(bytes: Uint8Array): Expression {
    return this.literalBefore(bytes, this.empty);
  }

  /** These bytes, one after the other, and then what follows. */
  literalBefore(bytes: Uint8Array, tail: Expression): Expression {
    let made = tail;
    for (let i = bytes.length - 1; i >= 0; i--) made = this.#pair(this.#byte(bytes[i]!), made);
    return made;
  }

  /** A text, in UTF-8. */
  text(text: string): Expression {
    return this.literal(encoder.encode(text));
  }

  sequence(...parts: readonly Expression[]): Expression {
    return parts.reduceRight((tail, head) => this.#pair(head, tail), this.empty);
  }

  #pair(head: Expression, tail: Expression): Expression {
    if (head === this.never || tail === this.never) return this.never;
    if (head === this.empty) return tail;
    if (tail === this.empty) return head;
    if (head.kind !== "sequence") return this.#chain(head, tail);
    const parts: Expression[] = [];
    let last: Expression = head;
    for (; last.kind === "sequence"; last = last.tail) parts.push(last.head);
    let made = this.#chain(last, tail);
    for (let i = parts.length - 1; i >= 0; i--) made = this.#chain(parts[i]!, made);
    return made;
  }

  /** @param head no sequence */
  #chain(head: Expression, tail: Expression): Expression {
    const isOfBase = head.id < this.#start && tail.id < this.#start;
    const known = isOfBase ? this.base!.#sequences.find(head, tail) : undefined;
    const found = known ?? this.#sequences.find(head, tail);
    if (found) return found;
    const isNullable = head.isNullable && tail.isNullable;
    const made = { kind: "sequence", head, tail, id: this.#next(), isNullable } as const;
    this.#sequences.add(made);
    return made;
  }

  /** Strings of any of these. */
  choice(...options: readonly Expression[]): Expression {
    return this.choiceOf(options);
  }

  /** Strings of any of these, of which there may be very many. */
  choiceOf(options: readonly Expression[]): Expression {
    const [only = this.never] = options;
    if (options.length < 2) return only;
    const flat = options.some(({ kind }) => kind === "choice")
      ? options.flatMap(optionsOf)
      : options;
    const sorted = flat.toSorted((a, b) => a.id - b.id);
    const own = sorted.filter((each, i) => each !== this.never && each !== sorted[i - 1]);
    if (own.length === 0) return this.never;
    if (own.length === 1) return own[0]!;
    return this.#alternatives(own);
  }

  /**
   * As a choice of two, of which the other one may be a choice of very many: in a chain of such each
   * is made at once. Equal chains are one object only if they were made alike.
   */
  either(option: Expression, other: Expression): Expression {
    if (option === this.never || option === other) return other;
    return other === this.never ? option : this.#alternatives([option, other]);
  }

  #alternatives(options: readonly Expression[]): Expression {
    const key = `c${options.map(({ id }) => id).join()}`;
    const found = this.#find(key);
    if (found) return found;
    const isNullable = options.some((each) => each.isNullable);
    const id = this.#next(options.length);
    return this.#keep(key, { kind: "choice", options, id, isNullable });
  }

  /** Strings that are in both; neither may use rules. */
  intersection(first: Expression, second: Expression): Expression {
    if (first === second) return first;
    const [a, b] = first.id < second.id ? [first, second] : [second, first];
    if (a === this.never || b === this.never) return this.never;
    const key = `i${a.id},${b.id}`;
    const found = this.#find(key);
    if (found) return found;
    const isNullable = a.isNullable && b.isNullable;
    return this.#keep(key, { kind: "intersection", a, b, id: this.#next(), isNullable });
  }

  /** One after the other, so many of one expression. */
  repeat(item: Expression, least = 0, most: number = Infinity): Expression {
    if (most === 0 || item === this.empty) return this.empty;
    if (item === this.never) return least === 0 ? this.empty : this.never;
    if (least === 1 && most === 1) return item;
    const key = `r${item.id},${least},${most}`;
    const found = this.#find(key);
    if (found) return found;
    const isNullable = least === 0 || item.isNullable;
    return this.#keep(key, { kind: "repeat", item, least, most, id: this.#next(), isNullable });
  }

  optional(item: Expression): Expression {
    return this.choice(item, this.empty);
  }

  machine(machine: Machine, state: string = machine.start): Expression {
    let number = this.#machines.get(machine.key);
    if (number === undefined) this.#machines.set(machine.key, (number = this.#machines.size));
    const key = `m${number},${state}`;
    const found = this.#find(key);
    if (found) return found;
    const isNullable = machine.accepts(state);
    return this.#keep(key, { kind: "machine", machine, state, id: this.#next(), isNullable });
  }

  /** What a rule of this name stands for, which `define` says. */
  rule(name: string): Expression {
    const key = `n${name}`;
    const found = this.#find(key);
    if (found) return found;
    this.#least.used(name);
    return this.#keep(key, { kind: "rule", name, id: this.#next(), isNullable: false });
  }

  /** @throws {ConstraintError} for a rule that may be empty */
  define(name: string, expression: Expression): void {
    if (expression.isNullable) {
      throw new ConstraintError(`rule ${name} may be empty`);
    }
    this.#rules.set(name, expression);
    this.#least.defined(name);
  }

  #keep(key: string, made: Expression): Expression {
    this.#known.set(key, made);
    return made;
  }

  /** The id of a new expression. */
  #next(size = 1): number {
    this.#size += size;
    this.#checkSize();
    return this.#count++;
  }

  #checkSize(): void {
    if (this.#size <= this.#most) return;
    throw new ConstraintError(
      `it is too large: it has more than ${this.#most} states, options of a choice counted singly`,
    );
  }

  /** Counts work that takes as long as making so many expressions. */
  charge(expressions: number): void {
    this.#size += expressions;
    this.#checkSize();
  }

  /** What may be said is known; what may follow in it is made from now on. */
  complete(): void {
    this.#most = mostExpressions;
  }

  /**
   * What may follow in a string of the expression after a byte; `never` where the byte may not be
   * there, or nothing can end what it begins.
   *
   * @throws {ConstraintError} for a rule that begins with itself
   */
  derivative(expression: Expression, byte: number): Expression {
    if (expression.id < this.#start) return this.base!.derivative(expression, byte);
    if (expression.kind === "sequence" && expression.head.kind === "bytes") {
      const { head, tail } = expression;
      return hasByte(head.ranges, byte) && this.distance(tail) < Infinity ? tail : this.never;
    }
    const following = this.#following.of(expression);
    const kind = following.kinds[byte]!;
    const known = following.afterKind[kind];
    if (known) return known;
    const found = this.#derive(expression, byte);
    const result = this.distance(found) === Infinity ? this.never : found;
    following.afterKind[kind] = result;
    return result;
  }

  #derive(expression: Expression, byte: number): Expression {
    switch (expression.kind) {
      case "never":
      case "empty":
        return this.never;
      case "bytes":
        return hasByte(expression.ranges, byte) ? this.empty : this.never;
      case "sequence": {
        const { head, tail } = expression;
        const inHead = this.#pair(this.derivative(head, byte), tail);
        return head.isNullable ? this.choice(inHead, this.derivative(tail, byte)) : inHead;
      }
      case "choice":
        return this.choiceOf(
          optionsOf(expression).flatMap((option) =>
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
    return this.#least.of(expression);
  }
}

/** False where it is plain that no string begins with a byte: there are long lists of characters. */
function mayStart(expression: Expression, byte: number): boolean {
  const first = expression.kind === "sequence" ? expression.head : expression;
  return first.kind !== "bytes" || hasByte(first.ranges, byte);
}
