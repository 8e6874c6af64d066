import type { GraphValue } from "../graph/graph.ts";
import type { GraphBuilder } from "./lowering.ts";

/** Windows that slide over `[batch, ...lengths, channels]`: each list has a number per length. */
export interface Windows {
  /** Lengths of what they slide over. */
  from: readonly number[];
  /** Places that they take. */
  to: readonly number[];
  size: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  /** Padding ahead of the first element and behind the last. */
  before: readonly number[];
  after: readonly number[];
}

/** A place in a window, counted along each of its axes, and what each window has there. */
export interface Tap {
  place: readonly number[];
  value: GraphValue;
}

/** Each place in a window, the last axis running fastest. */
export function placesIn({ size }: Windows): number[][] {
  return size.reduce<number[][]>(
    (places, length) => places.flatMap((place) => Array.from({ length }, (_, i) => [...place, i])),
    [[]],
  );
}

/** What each window has at each of its places, in order; NaN where that is padding. */
export function tapsOf(builder: GraphBuilder, x: GraphValue, windows: Windows): Tap[] {
  const { to, strides, dilations, before, after } = windows;
  const padded = builder.pad(x, [0, ...before, 0], [0, ...after, 0], Number.NaN);
  return placesIn(windows).map((place) => {
    const starts = place.map((at, axis) => at * dilations[axis]!);
    const ends = starts.map((start, axis) => start + (to[axis]! - 1) * strides[axis]! + 1);
    const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
    const value = builder.slice(
      padded,
      [0, ...starts, 0],
      [batch, ...ends, channels],
      [1, ...strides, 1],
    );
    return { place, value };
  });
}

/** For each tap, which windows have their `best` there and at none of the taps before. */
export function firstOf(
  builder: GraphBuilder,
  taps: readonly Tap[],
  best: GraphValue,
): { hits: Tap[]; none: GraphValue } {
  let none = builder.fill(best.shape, 1, "bool");
  const hits = taps.map(({ place, value }) => {
    const hit = builder.binary("And", none, builder.binary("Equal", value, best, "bool"));
    none = builder.binary("And", none, builder.unary("Not", hit));
    return { place, value: hit };
  });
  return { hits, none };
}

/** Undoes `tapsOf`: adds up, where each came from, what the taps have; not in the padding. */
export function spread(
  builder: GraphBuilder,
  taps: readonly Tap[],
  { from, to, size, strides, dilations, before }: Windows,
): GraphValue {
  const apart = to.map((count, axis) => count * strides[axis]!);
  const whole = apart.map((length, axis) =>
    Math.max(from[axis]! + before[axis]!, length + (size[axis]! - 1) * dilations[axis]!),
  );
  const placed = taps.map(({ place, value }) => {
    const [batch, channels] = [value.shape[0]!, value.shape.at(-1)!];
    const cells = builder.reshape(value, [batch, ...to.flatMap((count) => [count, 1]), channels]);
    const gaps = [0, ...strides.flatMap((stride) => [0, stride - 1]), 0];
    const spaced = builder.pad(
      cells,
      gaps.map(() => 0),
      gaps,
    );
    const starts = place.map((at, axis) => at * dilations[axis]!);
    const ends = starts.map((start, axis) => whole[axis]! - apart[axis]! - start);
    const flat = builder.reshape(spaced, [batch, ...apart, channels]);
    return builder.pad(flat, [0, ...starts, 0], [0, ...ends, 0]);
  });
  const total = placed.reduce((sum, each) => builder.add(sum, each));
  const ends = before.map((padding, axis) => padding + from[axis]!);
  return builder.slice(total, [0, ...before, 0], [total.shape[0]!, ...ends, total.shape.at(-1)!]);
}

/** `spread` of one value to all places of its window: one axis after the other. */
export function spreadEvenly(
  builder: GraphBuilder,
  value: GraphValue,
  windows: Windows,
): GraphValue {
  const { from, to, size, strides, dilations, before, after } = windows;
  const ones = size.map(() => 1);
  const zeros = size.map(() => 0);
  return size.reduce((sum, length, axis) => {
    const alone = {
      from: [...from.slice(0, axis + 1), ...to.slice(axis + 1)],
      to: [...from.slice(0, axis), ...to.slice(axis)],
      size: ones.with(axis, length),
      strides: ones.with(axis, strides[axis]!),
      dilations: ones.with(axis, dilations[axis]!),
      before: zeros.with(axis, before[axis]!),
      after: zeros.with(axis, after[axis]!),
    };
    const taps = placesIn(alone).map((place) => ({ place, value: sum }));
    return spread(builder, taps, alone);
  }, value);
}
