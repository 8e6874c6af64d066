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
  adafactor: withGroups(
    adafactor.adafactor,
    adafactor.optionsSchema,
    () =>
      "optimizer.name adafactor: it keeps means of rows and columns, which windows of elements cannot make",
  ),
  adagrad: withGroups(adagrad.adagrad, adagrad.optionsSchema),
  adam: withGroups(adam.adam, adam.optionsSchema),
  adam8bit: withGroups(
    adam8bit.adam8bit,
    adam8bit.optionsSchema,
    () =>
      "optimizer.name adam8bit: its moments are rounded in blocks, which windows of elements cannot do",
  ),
  adamW: withGroups(adamW.adamW, adamW.optionsSchema),
  lion: withGroups(lion.lion, lion.optionsSchema),
  muon: withGroups(
    muon.muon,
    muon.optionsSchema,
    () => "optimizer.name muon: it multiplies matrices, which windows of elements cannot do",
  ),
  rmsProp: withGroups(rmsProp.rmsProp, rmsProp.optionsSchema, ({ centered }) =>
    centered === true
      ? "optimizer.centered: it cuts variances at 0, which windows do not do"
      : undefined,
  ),
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
