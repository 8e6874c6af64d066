import { sizeOf } from "../base/shape.ts";
import { allocate, RuntimeValue } from "../runtime/session.ts";
import type { AttentionForm } from "./attentionNodes.ts";
import { maskedWindow } from "./layerGroups.ts";
import type { RowCache } from "./rowCache.ts";

/** Rows next to each other that run as one. */
export interface RowRange {
  readonly firstRow: number;
  readonly rows: number;
  /** New ones of each row. */
  readonly tokens: number;
}

/** A small input of one run. */
export function inputValue(
  dtype: "float32" | "int32",
  shape: readonly number[],
  values: ArrayLike<number>,
): RuntimeValue {
  const array = allocate(dtype, sizeOf(shape));
  array.set(values);
  return new RuntimeValue(array, dtype, shape);
}

/** Tokens that each row of a run finds in its cache. */
function pastOf(cache: RowCache, { firstRow, rows }: RowRange): number[] {
  if (rows === 1) return [cache.seenAlone(firstRow).past];
  return Array.from({ length: rows }, (_, i) => cache.seenFromFront(firstRow + i));
}

/**
 * What a group's attention reads beside its caches; see `groupedAttention` and
 * `primitiveAttention`.
 *
 * @param heads that share a key head, and key heads
 */
export function groupInputs(
  form: AttentionForm,
  name: string,
  cache: RowCache,
  range: RowRange,
  heads: { readonly perGroup: number; readonly groups: number },
): [string, RuntimeValue][] {
  const past = pastOf(cache, range);
  const { rows, tokens } = range;
  const total = Math.max(...past) + tokens;
  const totals: [string, RuntimeValue] = [`total.${name}`, inputValue("int32", [1], [total])];
  if (form === "grouped") {
    const lengths = past.map((count) => count + tokens - 1);
    return [[`lengths.${name}`, inputValue("int32", [rows], lengths)], totals];
  }
  const slots = inputValue("int32", [rows, heads.groups, tokens, 3], slotsOf(past, tokens, heads));
  const mask = maskOf(past, tokens, total, {
    window: maskedWindow(cache.group),
    heads: heads.perGroup,
  });
  const shape = [rows, 1, heads.perGroup * tokens, total];
  return [[`slots.${name}`, slots], totals, [`mask.${name}`, inputValue("float32", shape, mask)]];
}

/** Row, head and place of each new key, `[rows, kvHeads, tokens, 3]`. */
function slotsOf(
  past: readonly number[],
  tokens: number,
  { groups }: { groups: number },
): number[] {
  return past.flatMap((count, row) =>
    Array.from({ length: groups * tokens }, (_, i) => [
      row,
      Math.floor(i / tokens),
      count + (i % tokens),
    ]).flat(),
  );
}

/** 0 where a token is seen, `[rows, heads * tokens, total]`. */
function maskOf(
  past: readonly number[],
  tokens: number,
  total: number,
  { window, heads }: { window: number | null; heads: number },
): Float32Array {
  const mask = new Float32Array(past.length * heads * tokens * total).fill(-Infinity);
  for (const [row, count] of past.entries()) {
    for (let i = 0; i < heads * tokens; i++) {
      const query = count + (i % tokens);
      const first = window === null ? 0 : Math.max(0, query - window + 1);
      const start = (row * heads * tokens + i) * total;
      mask.fill(0, start + first, start + query + 1);
    }
  }
  return mask;
}
