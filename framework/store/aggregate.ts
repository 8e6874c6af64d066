/** A curve over x that is finite and does not fall. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Several curves as one. All arrays have one value for each x. */
export interface Aggregate {
  readonly x: Float64Array;
  readonly mean: Float64Array;
  /** Of a sample, with n - 1; NaN where there is one curve. */
  readonly deviation: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Curves that reach there. */
  readonly count: Uint32Array;
}

/**
 * Averages curves at every x that one of them has. Between its points a curve is taken as straight;
 * before its first and after its last it has no part. Values that are not finite count as absent,
 * and of several values at one x the last counts.
 */
export function aggregate(lines: readonly Points[]): Aggregate {
  const finite = lines.map(withoutNonFinite).filter(({ x }) => x.length > 0);
  const x = finite.map((line) => line.x).reduce(union, new Float64Array(0));
  const total: Aggregate = {
    x,
    mean: new Float64Array(x.length),
    deviation: new Float64Array(x.length),
    min: new Float64Array(x.length).fill(Infinity),
    max: new Float64Array(x.length).fill(-Infinity),
    count: new Uint32Array(x.length),
  };
  for (const line of finite) add(total, areEqual(line.x, x) ? line.y : valuesAt(line, x));
  const { deviation, count } = total;
  for (let i = 0; i < x.length; i++) deviation[i] = Math.sqrt(deviation[i]! / (count[i]! - 1));
  return total;
}

/**
 * Adds a curve; until all are in, the deviation holds the sum of squares.
 *
 * @param values at each x, NaN where the curve has no part
 */
function add({ mean, deviation, min, max, count }: Aggregate, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const n = count[i]! + 1;
    count[i] = n;
    const away = value - mean[i]!;
    const next = mean[i]! + away / n;
    mean[i] = next;
    deviation[i]! += away * (value - next);
    if (value < min[i]!) min[i] = value;
    if (value > max[i]!) max[i] = value;
  }
}

function withoutNonFinite(line: Points): Points {
  if (isFinite(line.y)) return line;
  return {
    x: line.x.filter((_, i) => Number.isFinite(line.y[i])),
    y: line.y.filter(Number.isFinite),
  };
}

function isFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

function isGrowing(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (!(values[i]! > values[i - 1]!)) return false;
  return true;
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** All values of two rows that do not fall, each once. */
function union(a: Float64Array, b: Float64Array): Float64Array {
  if (areEqual(a, b) && isGrowing(a)) return a;
  const merged = new Float64Array(a.length + b.length);
  let length = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const takesA = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    const next = takesA ? a[i++]! : b[j++]!;
    if (length === 0 || next !== merged[length - 1]) merged[length++] = next;
  }
  return merged.slice(0, length);
}

/** A curve's values at each x of another row, NaN outside of its range. */
function valuesAt({ x, y }: Points, at: Float64Array): Float64Array {
  const values = new Float64Array(at.length).fill(NaN);
  const end = x.length - 1;
  for (let i = 0, j = 0; i < at.length; i++) {
    const here = at[i]!;
    if (here < x[0]!) continue;
    if (here > x[end]!) break;
    while (j < end && x[j + 1]! <= here) j++;
    const part = x[j] === here ? 0 : (here - x[j]!) / (x[j + 1]! - x[j]!);
    values[i] = part === 0 ? y[j]! : y[j]! + part * (y[j + 1]! - y[j]!);
  }
  return values;
}
