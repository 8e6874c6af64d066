import { ConstraintError } from "./constraintError.ts";
import type { Expression, InRule } from "./expression.ts";

/**
 * The first byte of each kind that an expression's first bytes are told apart in, in their order.
 *
 * @param inRule follows rules; without it there may be none
 * @throws {ConstraintError} for a rule that is not followed
 */
export function differentBytes(expression: Expression, inRule?: InRule): number[] {
  starts.fill(0);
  starts[0] = 1;
  collect(expression, inRule);
  const found: number[] = [];
  for (let byte = 0; byte < 256; byte++) if (starts[byte] === 1) found.push(byte);
  return found;
}

/** Where kinds begin, of the expression that is looked at. */
const starts = new Uint8Array(257);

function collect(expression: Expression, inRule: InRule | undefined): void {
  const open = [expression];
  for (let part = open.pop(); part; part = open.pop()) {
    switch (part.kind) {
      case "bytes":
        for (const [first, last] of part.ranges) starts[first] = starts[last + 1] = 1;
        break;
      case "sequence":
        open.push(part.head);
        if (part.head.isNullable) open.push(part.tail);
        break;
      case "choice":
        for (const option of part.options) open.push(option);
        break;
      case "repeat":
        open.push(part.item);
        break;
      case "intersection":
        open.push(part.a, part.b);
        break;
      case "machine":
        for (const start of part.machine.kinds) starts[start] = 1;
        break;
      case "rule":
        if (!inRule) throw unfollowed(part.name);
        inRule(part.name, (rule) => collect(rule, inRule));
        break;
      case "never":
      case "empty":
        break;
      default:
        part satisfies never;
    }
  }
}

const unfollowed = (name: string): ConstraintError =>
  new ConstraintError(`rule ${name} has a part that has to fit another one as well`);
