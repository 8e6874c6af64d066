import { suggest } from "../base/nearest.ts";
import { parseExpression, type Expression } from "./expression.ts";
import { toPlain, type SpecNode } from "./specNode.ts";
import { failAt, type SpecPlace } from "./specPlace.ts";

/** A parameter, as far as its conditions need it. */
interface Conditional extends SpecPlace {
  readonly name: string;
  readonly when: readonly Expression[];
}

/**
 * A condition written at a place of the file.
 *
 * @throws {SpecError} when it cannot be read
 */
export function readExpression(node: SpecNode, pointer: string): Expression {
  try {
    return parseExpression(String(toPlain(node)));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    return failAt({ origin: node.origin, pointer }, problem);
  }
}

/** @throws {SpecError} when a condition asks for what is no parameter, or for itself in a circle */
export function checkConditions(parameters: readonly Conditional[]): void {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  for (const parameter of parameters) {
    for (const expression of parameter.when) {
      checkNames(expression, byName.keys(), { ...parameter, pointer: `${parameter.pointer}/when` });
    }
    checkCircle(parameter, [], byName);
  }
}

/** @throws {SpecError} when an expression asks for what is no parameter */
export function checkNames(
  expression: Expression,
  known: Iterable<string>,
  place: SpecPlace,
): void {
  const names = new Set(known);
  const unknown = [...expression.names].find((name) => !names.has(name));
  if (unknown === undefined) return;
  failAt(place, `expected parameters in a condition, got "${unknown}"${suggest(unknown, names)}`);
}

function checkCircle(
  parameter: Conditional,
  above: readonly string[],
  byName: ReadonlyMap<string, Conditional>,
): void {
  const chain = [...above, parameter.name];
  if (above.includes(parameter.name)) {
    failAt(parameter, `expected conditions without a circle, got ${chain.join(" -> ")}`);
  }
  for (const name of parameter.when.flatMap(({ names }) => [...names])) {
    const next = byName.get(name);
    if (next) checkCircle(next, chain, byName);
  }
}
