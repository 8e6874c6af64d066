import { ConstraintError } from "../../constrained/constraintError.ts";
import type { Expression, Expressions } from "../../constrained/expressions.ts";
import { callsOf, choiceOf, jsonOf, patternOf } from "../../constrained/texts.ts";
import { ApiError } from "../apiError.ts";
import type { ChatRequest, OfferedTool } from "./chatRequest.ts";
import { strictProblem } from "./strictSchema.ts";

/** What an answer may be: how to build it, and what tells it from others. */
export interface ChatConstraint {
  readonly key: string;
  readonly build: (make: Expressions) => Expression;
}

/** Functions that the model is told of; none where it is not to call any. */
export function offeredTools({ tools = [], tool_choice }: ChatRequest): readonly OfferedTool[] {
  return tool_choice === "none" ? [] : tools;
}

/** Whether a call is asked for of one function by its name: then the answer just stops after it. */
export const isNamed = ({ tool_choice: choice }: ChatRequest): boolean =>
  typeof choice === "object" && choice.type === "function";

/**
 * What a request asks of the answer's form; undefined where any text will do.
 *
 * @throws {ApiError} for what contradicts itself, and for schemas that are not strict though they say so
 */
export function chatConstraint(request: ChatRequest): ChatConstraint | undefined {
  const { tools = [], tool_choice, response_format: format, structured_outputs: own } = request;
  if (tool_choice !== undefined && tool_choice !== "none" && tools.length === 0) {
    throw new ApiError("'tool_choice' is only allowed when 'tools' are specified.", {
      param: "tool_choice",
    });
  }
  const isFormatted = own !== undefined || (format !== undefined && format.type !== "text");
  const offered = offeredTools(request);
  if (offered.length > 0 && isFormatted) {
    throw new ApiError("A form of the answer cannot be asked for together with tools.", {
      param: own ? "structured_outputs" : "response_format",
    });
  }
  if (offered.length > 0) return callConstraint(request, offered);
  if (own) return ownConstraint(own);
  if (format?.type === "json_object") return { key: "json", build: jsonOf({ type: "object" }) };
  return format?.type === "json_schema" ? schemaConstraint(format.json_schema) : undefined;
}

function callConstraint(request: ChatRequest, tools: readonly OfferedTool[]): ChatConstraint {
  const { parallel_tool_calls: isParallel = true } = request;
  for (const [i, { function: each }] of tools.entries()) {
    const problem = each.strict === true ? strictProblem(each.parameters ?? {}) : undefined;
    if (problem === undefined) continue;
    throw new ApiError(`Invalid schema for function '${each.name}': ${problem}`, {
      param: `tools[${i}].function.parameters`,
      code: "invalid_function_parameters",
    });
  }
  const { names, isRequired } = allowedCalls(request);
  const missing = names?.find((name) => !tools.some((each) => each.function.name === name));
  if (missing !== undefined || names?.length === 0) {
    throw new ApiError(`Tool choice '${missing ?? ""}' not found in 'tools' parameter.`, {
      param: "tool_choice",
    });
  }
  const own = tools.filter(({ function: { name } }) => names?.includes(name) ?? true);
  const functions = own.map(({ function: { name, parameters } }) => ({
    name,
    parameters: parameters ?? { type: "object", properties: {}, additionalProperties: false },
  }));
  const options = { functions, isRequired, isParallel: isParallel && !isNamed(request) };
  return { key: `calls${JSON.stringify(options)}`, build: callsOf(options) };
}

/** Functions that may be called, by their names where not all, and whether one has to be. */
function allowedCalls({ tool_choice: choice = "auto" }: ChatRequest): {
  readonly names?: readonly string[];
  readonly isRequired: boolean;
} {
  if (typeof choice === "string") return { isRequired: choice !== "auto" };
  if (choice.type === "function") return { names: [choice.function.name], isRequired: true };
  const { mode, tools } = choice.allowed_tools;
  return { names: tools.map((each) => each.function.name), isRequired: mode === "required" };
}

function ownConstraint({
  regex,
  choice,
}: NonNullable<ChatRequest["structured_outputs"]>): ChatConstraint {
  if ((regex === undefined) === (choice === undefined)) {
    throw new ApiError("Expected either regex or choice in structured_outputs.", {
      param: "structured_outputs",
    });
  }
  if (regex !== undefined) return { key: `regex${regex}`, build: patternOf(regex) };
  return { key: `choice${JSON.stringify(choice)}`, build: choiceOf(choice!) };
}

function schemaConstraint({
  name,
  schema = {},
  strict,
}: {
  readonly name: string;
  readonly schema?: Parameters<typeof jsonOf>[0];
  readonly strict?: boolean | null;
}): ChatConstraint {
  const problem = strict === true ? strictProblem(schema) : undefined;
  if (problem !== undefined) {
    throw new ApiError(`Invalid schema for response_format '${name}': ${problem}`, {
      ...{ param: "response_format", code: "invalid_json_schema" },
    });
  }
  return { key: `schema${JSON.stringify(schema)}`, build: jsonOf(schema) };
}

/** What a client is told of a constraint that cannot be followed. */
export function constraintProblem(error: unknown, { tools }: ChatRequest): unknown {
  if (!(error instanceof ConstraintError)) return error;
  const options = tools
    ? { param: "tools", code: "invalid_function_parameters" }
    : { param: "response_format", code: "invalid_json_schema" };
  return new ApiError(error.message, { ...options, cause: error });
}
