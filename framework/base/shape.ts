/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `[2, 3]` as text, for messages. */
export function describeShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

export type Rank4 = readonly [number, number, number, number];

/**
 * The four lengths of a shape such as `[batch, channels, height, width]`.
 *
 * @throws {RangeError} when it has another number of axes
 */
export function rank4(shape: readonly number[]): Rank4 {
  const [a, b, c, d] = shape;
  if (
    shape.length !== 4 ||
    a === undefined ||
    b === undefined ||
    c === undefined ||
    d === undefined
  ) {
    throw new RangeError(`Cannot use shape ${describeShape(shape)}: expected 4 axes`);
  }
  return [a, b, c, d];
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}
