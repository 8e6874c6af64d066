/** @file What the process that runs the suite is told, and what it tells. */

export interface SuiteRequest {
  backend: "ort" | "cpu";
  /** Part of the names of the specs to run; empty for all. */
  filter: string;
}

export interface SpecResult {
  /** Names of its suites and its own, without TF.js's mark of the backend. */
  name: string;
  passed: boolean;
  /** What failed. */
  messages: string[];
}

/** @param json from `JSON.stringify` of a request */
export function readSuiteRequest(json = ""): SuiteRequest {
  const request: unknown = JSON.parse(json);
  if (isSuiteRequest(request)) return request;
  throw new TypeError(`Cannot run the suite: expected { backend, filter }, got ${json}`);
}

function isSuiteRequest(value: unknown): value is SuiteRequest {
  return (
    typeof value === "object" &&
    value !== null &&
    "backend" in value &&
    (value.backend === "ort" || value.backend === "cpu") &&
    "filter" in value &&
    typeof value.filter === "string"
  );
}

export function isSpecResult(value: unknown): value is SpecResult {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "passed" in value &&
    typeof value.passed === "boolean" &&
    "messages" in value &&
    Array.isArray(value.messages)
  );
}
