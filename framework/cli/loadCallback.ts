import { isSchema, type JsonSchema } from "../spec/jsonSchema.ts";
import type { SpecName } from "../spec/loadSpec.ts";
import type { Callback } from "../training/callback.ts";
import { callbackPlace, importNamed } from "./places.ts";

export type CallbackFactory = (options: object) => Callback;

/** A file of `callbacks/`, found by the name that a spec gives. */
export interface LoadedCallback {
  readonly create: CallbackFactory;
  /** The file's `optionsSchema`; without one every option is let through. */
  readonly schema: JsonSchema;
}

const isFactory = (value: unknown): value is CallbackFactory => typeof value === "function";

/** The export of `callbacks/<name>.ts` that is called `<name>`. */
export async function loadCallback(name: SpecName): Promise<LoadedCallback> {
  const { file, module } = await importNamed(callbackPlace, name);
  const create = module[name.name];
  if (!isFactory(create)) {
    throw new TypeError(`Cannot use ${file}: it must export a function "${name.name}"`);
  }
  const schema = module["optionsSchema"];
  return { create, schema: isSchema(schema) ? schema : {} };
}
