import { scalar, toPlain } from "../spec/specNode.ts";
import type { SweepParameter } from "../spec/sweepParameters.ts";
import type { Point, SearchSpace } from "./point.ts";

/** A point as the journal keeps it: of choices their index, else the number. */
export type RecordedPoint = Readonly<Record<string, number>>;

export function recordPoint({ parameters }: SearchSpace, point: Point): RecordedPoint {
  const used = parameters.filter(({ name }) => point.has(name));
  return Object.fromEntries(used.map((parameter) => [parameter.name, numberOf(parameter, point)]));
}

function numberOf({ name, domain }: SweepParameter, point: Point): number {
  const node = point.get(name)!;
  return domain.kind === "categorical" ? domain.values.indexOf(node) : Number(toPlain(node));
}

export function recallPoint({ parameters }: SearchSpace, recorded: RecordedPoint): Point {
  const used = parameters.filter(({ name }) => recorded[name] !== undefined);
  return new Map(
    used.map(({ name, domain, origin }) => {
      const number = recorded[name]!;
      const node = domain.kind === "categorical" ? domain.values[number]! : scalar(number, origin);
      return [name, node] as const;
    }),
  );
}
