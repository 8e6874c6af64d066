import type { OptionsSchema } from "../../base/options.ts";
import type { Optimizer } from "../optimizer.ts";
import * as adafactor from "./adafactor.ts";
import * as adagrad from "./adagrad.ts";
import * as adam from "./adam.ts";
import * as adam8bit from "./adam8bit.ts";
import * as adamW from "./adamW.ts";
import * as lion from "./lion.ts";
import * as rmsProp from "./rmsProp.ts";
import * as sgd from "./sgd.ts";

/** One optimizer a spec can name. */
export interface OptimizerEntry {
  create(options: object): Optimizer;
  /** The options beside `name`. */
  readonly optionsSchema: OptionsSchema;
}

/** Every optimizer a spec can name. The key is the name in YAML. */
export const optimizers: Readonly<Record<string, OptimizerEntry>> = {
  adafactor: { create: adafactor.adafactor, optionsSchema: adafactor.optionsSchema },
  adagrad: { create: adagrad.adagrad, optionsSchema: adagrad.optionsSchema },
  adam: { create: adam.adam, optionsSchema: adam.optionsSchema },
  adam8bit: { create: adam8bit.adam8bit, optionsSchema: adam8bit.optionsSchema },
  adamW: { create: adamW.adamW, optionsSchema: adamW.optionsSchema },
  lion: { create: lion.lion, optionsSchema: lion.optionsSchema },
  rmsProp: { create: rmsProp.rmsProp, optionsSchema: rmsProp.optionsSchema },
  sgd: { create: sgd.sgd, optionsSchema: sgd.optionsSchema },
};

/**
 * The optimizer of a spec's `optimizer` section: its `name`, and its options beside it.
 *
 * @throws {RangeError} when no optimizer has that name
 */
export function createOptimizer({ name, ...options }: { readonly name: string }): Optimizer {
  if (!Object.hasOwn(optimizers, name)) {
    const known = Object.keys(optimizers).join(", ");
    throw new RangeError(`Cannot build optimizer "${name}": expected one of ${known}`);
  }
  return optimizers[name]!.create(options);
}
