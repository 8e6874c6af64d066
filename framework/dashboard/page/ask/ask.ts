import type { ErrorAnswer } from "../../api.ts";
import { token } from "./token.ts";

/** The server refused, or could not be reached. */
export class AskError extends Error {
  override readonly name = "AskError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Where in the filter. */
  readonly position: number | undefined;

  constructor(message: string, status: number, position?: number) {
    super(message);
    this.status = status;
    this.position = position;
  }
}

export interface Question {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks the server, which is trusted to answer as `api.ts` says.
 *
 * @throws {AskError} in words for the user
 */
export async function ask<Answer>(path: string, question: Question = {}): Promise<Answer> {
  const response = await send(path, question);
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? JSON.parse("null") : response.json();
}

async function send(path: string, { body, method, signal }: Question): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token.value) headers["authorization"] = `Bearer ${token.value}`;
  try {
    return await fetch(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new AskError("Cannot reach the dashboard's server; is `seedbed ui` still running?", 0);
  }
}

async function refusal(response: Response): Promise<AskError> {
  const fallback = `The server answered ${response.status} ${response.statusText}`;
  try {
    const answer: ErrorAnswer = await response.json();
    return new AskError(answer.error || fallback, response.status, answer.position);
  } catch {
    return new AskError(fallback, response.status);
  }
}

/** `/api/runs/:run` and what is below it. */
export function runPath(key: string, below = "", parameters: Record<string, string> = {}): string {
  const search = new URLSearchParams(parameters).toString();
  return `/api/runs/${encodeURIComponent(key)}${below && `/${below}`}${search && `?${search}`}`;
}
