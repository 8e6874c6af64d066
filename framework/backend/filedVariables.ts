import type * as tf from "@tensorflow/tfjs";

import type { FilePlace } from "../base/scratchFiles.ts";
import type { Entry } from "./entry.ts";
import { bytesOf, takeOut } from "./filedEntry.ts";

/** Where a variable's values belong, and whose are there now. */
interface Filed {
  readonly place: FilePlace;
  owner: Entry | undefined;
}

/** The variables whose values lie in files between the steps that change them. */
export class FiledVariables {
  readonly #filed = new WeakMap<tf.Variable, Filed>();

  add(variable: tf.Variable, place: FilePlace, owner: Entry): void {
    this.#filed.set(variable, { place, owner });
  }

  placeOf(variable: tf.Variable): FilePlace | undefined {
    return this.#filed.get(variable)?.place;
  }

  /**
   * Puts a variable's values where they belong, out of memory. Whoever else holds what was there before,
   * such as a clone of the variable's former value, gets a copy.
   *
   * @param entry the variable's own, which it shares with nobody
   */
  settle(variable: tf.Variable, entry: Entry): void {
    const filed = this.#filed.get(variable);
    if (!filed) return;
    const { place, owner } = filed;
    if (entry.place !== place) {
      if (owner?.place === place && owner.refCount > 0) takeOut(owner);
      place.file.writeSync(bytesOf(entry.array!), place.byteOffset);
      entry.place = place;
      filed.owner = entry;
    }
    delete entry.array; // a copy for who only read it
    delete entry.runtimeValue;
  }

  /** From now on the variable is like any other. */
  remove(variable: tf.Variable, entry: Entry): void {
    this.#filed.delete(variable);
    takeOut(entry);
  }
}
