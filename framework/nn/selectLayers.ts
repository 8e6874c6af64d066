import { nearest } from "../base/nearest.ts";

/**
 * The parameters of some layers, in their order.
 *
 * @param parameters by their full names, with dots
 * @param patterns names of layers, or one part or several of them: `attn2` is every layer of that
 *   name, `mid_block.resnets` what lies there; `*` stands for any text, dots included
 * @throws {RangeError} naming the patterns that nothing matches, and the nearest names
 */
export function selectLayers<Parameter>(
  parameters: ReadonlyMap<string, Parameter>,
  patterns: readonly string[],
): Map<string, Parameter> {
  const expressions = patterns.map((pattern) => expressionOf(pattern));
  const names = [...parameters.keys()];
  const idle = patterns.filter((_, i) => !names.some((name) => expressions[i]!.test(name)));
  if (idle.length > 0 || patterns.length === 0) throw noLayer(idle, names);
  return new Map(
    [...parameters].filter(([name]) => expressions.some((expression) => expression.test(name))),
  );
}

/** Matches names that have the pattern between dots. */
function expressionOf(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?:^|\.)${literal.replaceAll("*", ".*")}(?:\.|$)`);
}

function noLayer(idle: readonly string[], names: readonly string[]): RangeError {
  if (idle.length === 0) {
    return new RangeError("Cannot select layers: expected at least one pattern, got none");
  }
  const problems = idle.map((pattern) => `"${pattern}"${hint(pattern, names)}`);
  return new RangeError(`Cannot select layers: no layer is called ${problems.join(" or ")}`);
}

/** The nearest part of a name that is as long as the pattern, or where names begin. */
function hint(pattern: string, names: readonly string[]): string {
  const bare = pattern.replaceAll(/\.?\*\.?/g, "");
  const { length } = bare.split(".");
  const best = nearest(bare, new Set(names.flatMap((name) => partsOf(name, length))));
  if (best !== undefined) return ` (did you mean "${best}"?)`;
  const first = [...new Set(names.flatMap((name) => name.split(".").slice(0, 1)))];
  return ` (known: ${first.join(", ")}, and what lies in them)`;
}

/** Every `length` successive parts of a name. */
function partsOf(name: string, length: number): string[] {
  const parts = name.split(".");
  return parts.flatMap((_, i) => {
    const some = parts.slice(i, i + length);
    return some.length === length ? [some.join(".")] : [];
  });
}
