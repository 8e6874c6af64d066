import { ConstraintError } from "./constraintError.ts";
import { differentBytes } from "./differentBytes.ts";
import type { Expression } from "./expression.ts";

/** Numbers of expressions, by their ids. */
class Distances {
  readonly #below: Below | undefined;
  readonly #start: number;
  #values = new Float64Array(64).fill(NaN);

  /** @param below has those of lower ids */
  constructor(below?: Below) {
    this.#below = below;
    this.#start = below?.count ?? 0;
  }

  get(id: number): number | undefined {
    if (id < this.#start) return this.#below!.distances.get(id);
    const value = this.#values[id - this.#start];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  set(id: number, value: number): void {
    const place = id - this.#start;
    if (place >= this.#values.length) {
      const grown = new Float64Array(2 * place).fill(NaN, this.#values.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[place] = value;
  }
}

/** Distances of so many expressions that are the first of others, too. */
interface Below {
  readonly distances: Distances;
  readonly count: number;
}

/** Most states in which two expressions are followed together. */
const mostPairs = 20_000;

/** How many bytes the shortest strings of expressions have; infinitely many where there is none. */
export class LeastBytes {
  readonly #derive: (expression: Expression, byte: number) => Expression;
  readonly #rules: ReadonlyMap<string, Expression>;
  readonly #below: Below | undefined;
  readonly #known: Distances;
  readonly #ruleDistances = new Map<string, number>();
  /** Rules that were defined since rules were measured. */
  #fresh: string[] = [];
  /** Rules that are used, and not defined yet. */
  readonly #open = new Set<string>();
  /** Lengths that are asked for while rules are measured are of what has no rules. */
  #isMeasuring = false;

  /**
   * @param derive gives what may follow a byte, without asking for the length of that
   * @param base has measured all of the first expressions, so many as its `count`
   */
  constructor(
    rules: ReadonlyMap<string, Expression>,
    derive: (expression: Expression, byte: number) => Expression,
    base?: { readonly least: LeastBytes; readonly count: number },
  ) {
    this.#rules = rules;
    this.#derive = derive;
    this.#below = base && { distances: base.least.#known, count: base.count };
    this.#known = new Distances(this.#below);
  }

  /** A rule of this name is used. */
  used(name: string): void {
    if (!this.#rules.has(name)) this.#open.add(name);
  }

  /** What a rule of this name stands for is known now. */
  defined(name: string): void {
    this.#open.delete(name);
    this.#fresh.push(name);
  }

  of(expression: Expression): number {
    const isOpen = this.#open.size > 0;
    if (this.#isMeasuring || (!isOpen && this.#fresh.length === 0)) {
      return this.#measure(expression, this.#known);
    }
    this.#measureRules();
    if (isOpen) return this.#measure(expression, new Distances(this.#below)); // some may be defined later
    this.#fresh = [];
    return this.#measure(expression, this.#known);
  }

  /**
   * Rules know each other's least lengths only step by step: until none becomes less. Earlier ones do
   * not use later ones, if all were defined by then.
   */
  #measureRules(): void {
    this.#isMeasuring = true;
    try {
      this.#untilNoneIsLess();
    } finally {
      this.#isMeasuring = false;
    }
  }

  #untilNoneIsLess(): void {
    for (const name of this.#fresh) this.#ruleDistances.set(name, Infinity);
    const order = this.#fresh.toReversed(); // most use those that were found after them
    for (let isDone = false; !isDone;) {
      isDone = true;
      const distances = new Distances(this.#below);
      for (const name of order) {
        const found = this.#measure(this.#rules.get(name)!, distances);
        if (found >= this.#ruleDistances.get(name)!) continue;
        this.#ruleDistances.set(name, found);
        isDone = false;
      }
    }
  }

  /** Parts before what they are part of, without recursion: sequences can be as long as a schema. */
  #measure(expression: Expression, distances: Distances): number {
    const found = known(expression, distances);
    if (found !== undefined) return found;
    const open = [expression];
    while (open.length > 0) {
      const next = open.at(-1)!;
      if (known(next, distances) === undefined && !pushUnknown(next, distances, open)) {
        distances.set(next.id, this.#measured(next, distances));
      }
      if (open.at(-1) === next) open.pop();
    }
    return known(expression, distances)!;
  }

  /** Of an expression whose parts are measured. */
  #measured(expression: Expression, distances: Distances): number {
    switch (expression.kind) {
      case "never":
        return Infinity;
      case "empty":
        return 0;
      case "bytes":
        return 1;
      case "sequence":
        return known(expression.head, distances)! + known(expression.tail, distances)!;
      case "choice":
        return leastOf(expression.options, distances);
      case "intersection":
        return this.#measureIntersection(expression, distances);
      case "repeat":
        return expression.least * known(expression.item, distances)!;
      case "machine":
        return expression.machine.distance(expression.state);
      case "rule":
        return this.#ruleDistances.get(expression.name) ?? Infinity;
      default:
        return expression satisfies never;
    }
  }

  /**
   * Looks for the shortest string that is in both, through all that may follow. What is left of it at
   * each step is the shortest there, too, and need not be looked for again.
   */
  #measureIntersection(expression: Expression, distances: Distances): number {
    const before = new Map<Expression, Expression | undefined>([[expression, undefined]]);
    let [least, last]: [number, Expression | undefined] = [Infinity, undefined];
    let level = [expression];
    for (let length = 0; level.length > 0 && length < least; length++) {
      const next: Expression[] = [];
      for (const each of level) {
        const found = known(each, distances);
        if (found !== undefined) {
          if (length + found < least) [least, last] = [length + found, each];
          continue;
        }
        for (const byte of differentBytes(each)) {
          const after = this.#derive(each, byte);
          if (after.kind === "never" || before.has(after)) continue;
          before.set(after, each);
          next.push(after);
        }
      }
      if (before.size > mostPairs) {
        throw new ConstraintError("its parts go together in too many ways");
      }
      level = next;
    }
    let left = last && known(last, distances)!;
    for (let each = last && before.get(last); each; each = before.get(each)) {
      distances.set(each.id, ++left!);
    }
    return least;
  }
}

const known = (expression: Expression, distances: Distances): number | undefined =>
  expression.isNullable ? 0 : distances.get(expression.id);

function leastOf(options: readonly Expression[], distances: Distances): number {
  let least = Infinity;
  for (const option of options) least = Math.min(least, known(option, distances)!);
  return least;
}

/** Puts those parts on top that are not measured; returns whether there are any. */
function pushUnknown(expression: Expression, distances: Distances, open: Expression[]): boolean {
  const before = open.length;
  for (const part of partsOf(expression)) {
    if (known(part, distances) === undefined) open.push(part);
  }
  return open.length > before;
}

function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === "sequence") return [expression.head, expression.tail];
  if (expression.kind === "choice") return expression.options;
  return expression.kind === "repeat" ? [expression.item] : [];
}
