import { readOptions } from "../base/options.ts";

/**
 * The sections of a spec that are its experiment's own, with the defaults of their schemas.
 *
 * @param sections the experiment's, by key of the spec
 * @throws {TypeError | RangeError} naming every wrong option
 */
export function readSections<Settings>(
  spec: { readonly experiment: string; readonly [section: string]: unknown },
  sections: Readonly<Record<string, object>>,
): Settings {
  const own = Object.fromEntries(Object.keys(sections).map((key) => [key, spec[key]]));
  const schema = { type: "object", additionalProperties: false, properties: sections } as const;
  return readOptions<Settings>(spec.experiment, schema, own);
}
