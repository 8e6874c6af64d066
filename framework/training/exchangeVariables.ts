import * as tf from "@tensorflow/tfjs";

import type { NamedVariables } from "./trainingModule.ts";

/** Swaps the values of variables with those of the same names among `others`, which has all of them. */
export function exchangeVariables(variables: NamedVariables, others: NamedVariables): void {
  tf.tidy(() => {
    for (const [name, variable] of variables) {
      const other = others.get(name)!;
      const value = other.clone();
      other.assign(variable.clone());
      variable.assign(value);
    }
  });
}
