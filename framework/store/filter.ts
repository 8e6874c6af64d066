import { nearest } from "../base/nearest.ts";
import {
  parseColumn,
  runColumnNames,
  valueOf,
  type Column,
  type ValueAtStep,
} from "./columnValue.ts";
import {
  parseFilter,
  type Comparison,
  type FilterNode,
  type FilterOperand,
} from "./filterSyntax.ts";
import { FilterError } from "./filterTokens.ts";
import { globMatch } from "./globMatch.ts";
import type { Cell, ColumnName, IndexedRun } from "./indexedRun.ts";
import { listColumns } from "./listColumns.ts";

export type RunFilter = (run: IndexedRun) => boolean;

export interface FilterOptions {
  /** A filter that names a column which none of them has is refused; absent: none is. */
  readonly runs?: readonly IndexedRun[];
  /** Looks into curves, for `:at(step)`. */
  readonly at?: ValueAtStep;
}

/**
 * Makes a filter of its text, such as `config.lr < 1e-3 and (tags has "best" or starred)`; an empty
 * one lets all runs through. `docs/runs.md` describes the language. Nothing of the text is carried
 * out as code.
 *
 * What a run does not have equals `null` alone, and is neither smaller nor greater than anything.
 *
 * @throws {FilterError} with the position of what is wrong
 */
export function compileFilter(text: string, options: FilterOptions = {}): RunFilter {
  return compile(parseFilter(text), options);
}

function compile(node: FilterNode, options: FilterOptions): RunFilter {
  switch (node.kind) {
    case "all":
      return () => true;
    case "and": {
      const parts = node.parts.map((part) => compile(part, options));
      return (run) => parts.every((part) => part(run));
    }
    case "or": {
      const parts = node.parts.map((part) => compile(part, options));
      return (run) => parts.some((part) => part(run));
    }
    case "not": {
      const part = compile(node.part, options);
      return (run) => !part(run);
    }
    case "in": {
      const read = reader(node.left, options);
      return (run) => read(run).some((cell) => node.values.some((value) => areEqual(cell, value)));
    }
    case "compare":
      return compileComparison(node, options);
    case "alone":
      return compileAlone(node.operand, options);
  }
}

/** A column's values for a run: several for tags, else one. */
type Reader = (run: IndexedRun) => readonly Cell[];

function reader(operand: FilterOperand, options: FilterOptions): Reader {
  if (operand.kind === "value") {
    const values = [operand.value];
    return () => values;
  }
  const column = parseColumn(operand.name);
  if (!column || !isKnown(column, options)) throw unknownColumn(operand, options);
  if (operand.name === "tags") return ({ tags }) => (tags.length === 0 ? [null] : tags);
  return (run) => [valueOf(run, column, options.at)];
}

function isKnown(column: Column, { runs }: FilterOptions): boolean {
  if (!runs || column.kind === "run") return true;
  const section = column.kind === "metricAt" || column.kind === "metric" ? "metrics" : column.kind;
  return runs.some((run) => Object.hasOwn(run[section], column.key));
}

function unknownColumn(
  { name, position }: { name: string; position: number },
  { runs = [] }: FilterOptions,
): FilterError {
  const { config, metrics, summary } = listColumns(runs);
  const listed = [...config, ...metrics, ...summary].map((column) => column.name);
  const known = [...runColumnNames, ...listed];
  const last = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const guess =
    known.find((column) => column.toLowerCase().endsWith(`.${last}`)) ??
    nearest(name, known) ??
    nearest(last, known.map(lastPart));
  const full = known.find((column) => column === guess || lastPart(column) === guess);
  const hint = full === undefined ? "" : `; did you mean ${quoteColumn(full)}?`;
  return new FilterError(`expected a column that some run has, got ${name}${hint}`, position);
}

const lastPart = (column: string): string => column.slice(column.lastIndexOf(".") + 1);

/** A column as a filter can name it. */
export function quoteColumn(name: ColumnName): string {
  return /^[\p{L}_][\p{L}\p{N}_./:@%$+-]*(\(\d+\))?$/u.test(name)
    ? name
    : `\`${name.replaceAll(/[\\`]/g, "\\$&")}\``;
}

function compileComparison(
  { comparison, left, right }: FilterNode & { kind: "compare" },
  options: FilterOptions,
): RunFilter {
  const [readLeft, readRight] = [reader(left, options), reader(right, options)];
  const isNegated = comparison === "!=";
  const isList = left.kind === "column" && left.name === "tags";
  const test = isNegated ? areEqual : comparison === "has" && isList ? areEqual : tests[comparison];
  return (run) => {
    const wanted = readRight(run);
    const isMet = readLeft(run).some((cell) => wanted.some((value) => test(cell, value)));
    return isMet !== isNegated;
  };
}

const tests: Readonly<Record<Exclude<Comparison, "!=">, (a: Cell, b: Cell) => boolean>> = {
  "=": areEqual,
  "<": (a, b) => order(a, b) < 0,
  "<=": (a, b) => order(a, b) <= 0,
  ">": (a, b) => order(a, b) > 0,
  ">=": (a, b) => order(a, b) >= 0,
  "~": (a, b) => a !== null && b !== null && globMatch(String(a), String(b)),
  has: (a, b) => a !== null && b !== null && contains(String(a), String(b)),
};

/** NaN equals itself: that is how runs that diverged are found. */
function areEqual(a: Cell, b: Cell): boolean {
  return a === b || Object.is(a, b);
}

/** Below 0 when the first comes first; NaN for what has no order: only numbers and texts have one. */
function order(a: Cell, b: Cell): number {
  const areNumbers = typeof a === "number" && typeof b === "number";
  const areTexts = typeof a === "string" && typeof b === "string";
  if (!areNumbers && !areTexts) return NaN;
  if (a === b) return 0;
  return a < b ? -1 : a > b ? 1 : NaN;
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function compileAlone(operand: FilterOperand, options: FilterOptions): RunFilter {
  if (operand.kind === "column") {
    const read = reader(operand, options);
    return (run) => read(run).includes(true);
  }
  const { value } = operand;
  if (typeof value === "boolean") return () => value;
  if (typeof value !== "string")
    throw new FilterError(`expected a comparison, got ${String(value)} alone`, 0);
  return (run) => wordsOf(run).some((word) => globMatch(word, value));
}

/** What a person may know a run by. */
function wordsOf({ id, name, title, notes, tags, sweep }: IndexedRun): string[] {
  return [id, name, `${name}/${id}`, title ?? "", notes, sweep?.name ?? "", ...tags];
}
