import { InputError } from "../base/errors.ts";

/** A grammar, pattern or schema that cannot be followed. */
export class ConstraintError extends InputError {
  /** Where it is, as a JSON pointer; empty where all of it is meant. */
  readonly place: string;

  /** @param problem what is wrong, as a clause */
  constructor(problem: string, place = "") {
    super(`Cannot constrain what is said${place === "" ? "" : ` at ${place}`}: ${problem}`);
    this.place = place;
  }
}
