import type { RandomStream } from "seedbed";

/** Normal distributions with their centres on a circle around 0. */
export interface Ring {
  readonly modes: number;
  readonly radius: number;
  /** Of each, in both directions. */
  readonly deviation: number;
}

export type Point = readonly [x: number, y: number];

export function centresOf({ modes, radius }: Ring): Point[] {
  return Array.from({ length: modes }, (_, i) => {
    const angle = (2 * Math.PI * i) / modes;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** A point of the ring, each of the distributions being equally likely. */
export function drawPoint(ring: Ring, random: RandomStream): Point {
  const [x, y] = centresOf(ring)[random.integer(ring.modes)]!;
  return [x + ring.deviation * random.normal(), y + ring.deviation * random.normal()];
}
