/** A function's value at a place, and its gradient there. */
export interface Slope {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Bounds of every number of a place. */
export interface Box {
  readonly low: number;
  readonly high: number;
}

export interface Minimum {
  readonly place: Float64Array;
  readonly value: number;
}

export interface MinimiseOptions {
  readonly iterations?: number;
  /** Ends when no free slope is steeper. */
  readonly tolerance?: number;
}

/** What a step has told of the curvature. */
interface Step {
  readonly moved: Float64Array;
  readonly bent: Float64Array;
  readonly product: number;
}

const remembered = 8;
const halvings = 20;

/**
 * A place of a small value near a start, by quasi-Newton steps of limited memory that stay in a box:
 * numbers at a bound that the slope pushes outwards are left there.
 *
 * Source: Nocedal & Wright 2006, "Numerical optimization", algorithms 7.4 and 3.1; Bertsekas 1982,
 * "Projected Newton methods for optimization problems with simple constraints".
 *
 * @param evaluate undefined where there is no value
 */
export function minimiseInBox(
  evaluate: (place: Float64Array) => Slope | undefined,
  start: Float64Array,
  box: Box,
  { iterations = 60, tolerance = 1e-5 }: MinimiseOptions = {},
): Minimum {
  let place: Float64Array = start.map((each) => clamp(each, box));
  let found = evaluate(place);
  if (!found) return { place, value: Infinity };
  let steps: Step[] = [];
  for (let i = 0; i < iterations; i++) {
    const slope = freeSlope(place, found.gradient, box);
    if (slope.every((each) => Math.abs(each) <= tolerance)) break;
    const direction = newtonDirection(slope, steps);
    const next = descend(evaluate, { place, found, slope, direction, box });
    if (!next) {
      if (steps.length === 0) break;
      steps = [];
      continue;
    }
    const moved = next.place.map((each, d) => each - place[d]!);
    const bent = next.found.gradient.map((each, d) => each - found!.gradient[d]!);
    const product = dot(moved, bent);
    if (product > 1e-10 * dot(bent, bent)) {
      steps = [...steps.slice(1 - remembered), { moved, bent, product }];
    }
    const gain = found.value - next.found.value;
    ({ place, found } = next);
    if (gain <= 1e-10 * (1 + Math.abs(found.value))) break;
  }
  return { place, value: found.value };
}

/** The gradient, with zeros where it pushes a number out of the box. */
function freeSlope(place: Float64Array, gradient: Float64Array, { low, high }: Box): Float64Array {
  return gradient.map((slope, d) => {
    const isHeld = (place[d]! <= low && slope > 0) || (place[d]! >= high && slope < 0);
    return isHeld ? 0 : slope;
  });
}

/** Downhill, by the two-loop recursion; straight down when that would not lead there. */
function newtonDirection(slope: Float64Array, steps: readonly Step[]): Float64Array {
  const rest = slope.slice();
  const shares = steps.toReversed().map(({ moved, bent, product }) => {
    const share = dot(moved, rest) / product;
    rest.forEach((_, d) => (rest[d]! -= share * bent[d]!));
    return share;
  });
  const last = steps.at(-1);
  const steepest = slope.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  const scale = last ? last.product / dot(last.bent, last.bent) : 0.1 / steepest;
  rest.forEach((_, d) => (rest[d]! *= scale));
  for (const [i, { moved, bent, product }] of steps.entries()) {
    const share = shares[steps.length - 1 - i]! - dot(bent, rest) / product;
    rest.forEach((_, d) => (rest[d]! += share * moved[d]!));
  }
  const direction = rest.map((each, d) => (slope[d] === 0 ? 0 : -each));
  if (dot(direction, slope) < 0) return direction;
  return slope.map((each) => (-0.1 * each) / steepest);
}

interface Descent {
  readonly place: Float64Array;
  readonly found: Slope;
  readonly slope: Float64Array;
  readonly direction: Float64Array;
  readonly box: Box;
}

/** Halves the way until the value becomes smaller by enough. */
function descend(
  evaluate: (place: Float64Array) => Slope | undefined,
  { place, found, slope, direction, box }: Descent,
): Pick<Descent, "place" | "found"> | undefined {
  let share = 1;
  for (let i = 0; i < halvings; i++, share /= 2) {
    const next = place.map((each, d) => clamp(each + share * direction[d]!, box));
    const there = evaluate(next);
    const expected = slope.reduce((sum, each, d) => sum + each * (next[d]! - place[d]!), 0);
    if (there && there.value < found.value + 1e-4 * expected) return { place: next, found: there };
  }
  return undefined;
}

const clamp = (value: number, { low, high }: Box): number => Math.min(high, Math.max(low, value));

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, each, d) => sum + each * b[d]!, 0);
