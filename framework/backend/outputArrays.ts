import type { GraphValue } from "../graph/graph.ts";
import type { RuntimeValue } from "../runtime/session.ts";
import type { Entry } from "./entry.ts";
import { newValue } from "./hostValue.ts";

/**
 * Where a compiled function writes its outputs. The array of a tensor that it returned before is
 * written again once nobody has that tensor any more: new memory costs more than many an operator,
 * since the system hands it over page by page.
 */
export class OutputArrays {
  readonly #last = new Map<GraphValue, { entry: Entry; result: RuntimeValue }>();

  /** Memory for an output that nothing else refers to. */
  take(value: GraphValue): RuntimeValue {
    const last = this.#last.get(value);
    return last && isFree(last.entry, last.result) ? last.result : newValue(value);
  }

  /** Notes the tensor that was given an output's array. */
  gave(value: GraphValue, result: RuntimeValue, entry: Entry): void {
    this.#last.set(value, { entry, result });
  }
}

/** A variable that took the tensor over may have exchanged its array for another's. */
function isFree({ isDisposed, isCaptured, array }: Entry, result: RuntimeValue): boolean {
  return isDisposed === true && isCaptured !== true && array === result.array;
}
