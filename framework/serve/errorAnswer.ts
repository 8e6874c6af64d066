import type { FastifyError } from "fastify";

import { ApiError, type ErrorBody } from "./apiError.ts";
import type { StreamEvent } from "./eventStream.ts";

/** What a client is told of an error; of one that is the server's own, nothing but that. */
export function errorAnswer(
  error: unknown,
  warn: (line: string) => void,
): { status: number; body: ErrorBody } {
  if (error instanceof ApiError) return error;
  const { statusCode = 500, validation, message } = fieldsOf(error);
  if (validation?.[0]) return invalid(validation[0], message);
  if (error instanceof Error && error.name === "AbortError") {
    return new ApiError("The client has left.", { status: 499, cause: error });
  }
  if (statusCode < 500) return new ApiError(message, { status: statusCode });
  warn(`Cannot answer a request: ${message}`);
  return new ApiError("The server had an error while processing your request.", {
    ...{ status: 500, type: "server_error" },
  });
}

/** The last event of a stream that fails. */
export const errorEvent =
  (warn: (line: string) => void) =>
  (error: unknown): StreamEvent => ({ data: JSON.stringify(errorAnswer(error, warn).body) });

/** What Fastify says of an error. */
function fieldsOf(error: unknown): Pick<FastifyError, "message"> & Partial<FastifyError> {
  const message = error instanceof Error ? error.message : String(error);
  return { ...(typeof error === "object" ? error : {}), message };
}

type Invalid = NonNullable<FastifyError["validation"]>[number];

/** Of a body, or a query, that is not as its schema says. */
function invalid({ instancePath, keyword, params }: Invalid, message: string): ApiError {
  const at = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)/g, "[$1]")
    .replaceAll("/", ".");
  const under = (field: unknown): string => `${at}${at === "" ? "" : "."}${String(field)}`;
  if (keyword === "additionalProperties") {
    const param = under(params["additionalProperty"]);
    return new ApiError(`Unknown parameter: '${param}'.`, { param, code: "unknown_parameter" });
  }
  if (keyword === "required") {
    const param = under(params["missingProperty"]);
    const code = "missing_required_parameter";
    return new ApiError(`Missing required parameter: '${param}'.`, { param, code });
  }
  return new ApiError(message, { ...(at !== "" && { param: at }) });
}
