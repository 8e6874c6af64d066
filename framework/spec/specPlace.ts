import { SpecError } from "../base/errors.ts";
import { describeOrigin } from "./specNode.ts";
import type { Origin } from "./specNode.ts";

/** Where something is written. */
export interface SpecPlace {
  readonly origin: Origin;
  readonly pointer: string;
}

/** Where a file's keys lead, as far as they are written. */
export type PlaceOf = (...keys: string[]) => SpecPlace;

/** @throws {SpecError} always */
export function failAt({ origin, pointer }: SpecPlace, problem: string): never {
  throw new SpecError(describeOrigin(origin), pointer, problem);
}
