import { ConstraintError } from "./constraintError.ts";
import type { Expression, Expressions } from "./expressions.ts";
import { untilMachine } from "./machines/untilMachine.ts";
import { patternExpression } from "./pattern.ts";
import type { Schema } from "./schema/keywords.ts";
import { schemaExpression } from "./schema/schemaExpression.ts";

/** One of some texts. */
export function choiceOf(texts: readonly string[]): (make: Expressions) => Expression {
  if (texts.length === 0) throw new ConstraintError("expected texts to choose from, got none");
  return (make) => make.choice(...texts.map((text) => make.text(text)));
}

/** A text that a pattern matches from end to end. */
export function patternOf(pattern: string): (make: Expressions) => Expression {
  return (make) => patternExpression(make, pattern, { writing: "plain", isWhole: true });
}

/** JSON that fits a schema. */
export function jsonOf(schema: Schema): (make: Expressions) => Expression {
  return (make) => schemaExpression(make, schema);
}

/** A function that may be called, with the schema of its arguments. */
export interface CallableFunction {
  readonly name: string;
  readonly parameters: Schema;
}

export interface CallsOptions {
  /** At least one. */
  readonly functions: readonly CallableFunction[];
  /** Whether there has to be a call. Default: a text without any may be there in its place. */
  readonly isRequired?: boolean;
  /** Whether several calls may follow each other. Default: true. */
  readonly isParallel?: boolean;
}

const callStart = "<tool_call>\n";
const callEnd = "\n</tool_call>";

/**
 * Calls of functions as Qwen's and Hermes' models write them, after a text or without one: each call
 * is `<tool_call>`, a line of JSON with `name` and `arguments`, and `</tool_call>`.
 *
 * @throws {ConstraintError} for schemas that cannot be followed, naming the function
 */
export function callsOf({
  functions,
  isRequired = false,
  isParallel = true,
}: CallsOptions): (make: Expressions) => Expression {
  return (make) => {
    const bodies = functions.map(({ name, parameters }) =>
      make.sequence(
        make.text(`{"name":${JSON.stringify(name)},"arguments":`),
        schemaExpression(make, parameters, name),
        make.text("}"),
      ),
    );
    const body = make.sequence(make.choice(...bodies), make.text(callEnd));
    const more = make.sequence(make.text(`\n${callStart}`), body);
    const calls = make.sequence(body, isParallel ? make.repeat(more) : make.empty);
    const direct = make.sequence(make.text(callStart), calls);
    if (isRequired) return direct;
    const mark = new TextEncoder().encode(callStart);
    const talk = make.machine(untilMachine({ mark, ends: false }));
    const until = make.machine(untilMachine({ mark, ends: true }));
    return make.choice(talk, make.sequence(until, calls));
  };
}
