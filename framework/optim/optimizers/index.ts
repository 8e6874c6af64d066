import type { Optimizer } from "../optimizer.ts";
import * as adafactor from "./adafactor.ts";
import * as adagrad from "./adagrad.ts";
import * as adam from "./adam.ts";
import * as adam8bit from "./adam8bit.ts";
import * as adamW from "./adamW.ts";
import * as lion from "./lion.ts";
import * as muon from "./muon.ts";
import * as rmsProp from "./rmsProp.ts";
import * as sgd from "./sgd.ts";
import { withGroups, type OptimizerEntry } from "./withGroups.ts";

/** Every optimizer a spec can name. The key is the name in YAML. */
export const optimizers: Readonly<Record<string, OptimizerEntry>> = {
  adafactor: withGroups(adafactor.adafactor, adafactor.optionsSchema),
  adagrad: withGroups(adagrad.adagrad, adagrad.optionsSchema),
  adam: withGroups(adam.adam, adam.optionsSchema),
  adam8bit: withGroups(adam8bit.adam8bit, adam8bit.optionsSchema),
  adamW: withGroups(adamW.adamW, adamW.optionsSchema),
  lion: withGroups(lion.lion, lion.optionsSchema),
  muon: withGroups(muon.muon, muon.optionsSchema),
  rmsProp: withGroups(rmsProp.rmsProp, rmsProp.optionsSchema),
  sgd: withGroups(sgd.sgd, sgd.optionsSchema),
};

/** A name and that optimizer's options. */
type OptimizerOptions = { readonly name: string; readonly [option: string]: unknown };

/**
 * The optimizer of a spec's `optimizer` section: its `name`, and its options beside it.
 *
 * @throws {RangeError} when no optimizer has that name
 */
export function createOptimizer({ name, ...options }: OptimizerOptions): Optimizer {
  if (!Object.hasOwn(optimizers, name)) {
    const known = Object.keys(optimizers).join(", ");
    throw new RangeError(`Cannot build optimizer "${name}": expected one of ${known}`);
  }
  return optimizers[name]!.create(options);
}
