import { InputError } from "../../../framework/base/errors.ts";
import { textInput, type FuzzTarget } from "../fuzzTarget.ts";

/** A parser that knows none of its seeds. */
export const target: FuzzTarget = {
  name: "../samples/refusing",
  covers: ["test/fuzz/samples/"],
  seeds: ["one", "another"].map(textInput),
  run() {
    throw new InputError("Cannot read it: expected a third");
  },
};
