import type { ConformanceException } from "../../framework/backend/conformanceExceptions.ts";
import type { SpecResult } from "./specResult.ts";

export interface Verdict {
  passed: number;
  failed: number;
  /** What to print, a paragraph each: failures with their cause. */
  messages: string[];
  /** Whether all failures are expected, and all that were expected happened. */
  ok: boolean;
}

/** @param exceptions specs that may fail; one that passes is to be taken off the list */
export function verdictOn(
  results: readonly SpecResult[],
  exceptions: readonly ConformanceException[],
): Verdict {
  const reasons = new Map(exceptions.map(({ spec, reason }) => [spec, reason]));
  const messages: string[] = [];
  let failed = 0;
  let ok = results.length > 0;
  for (const { name, passed, messages: causes } of results) {
    const reason = reasons.get(name);
    if (passed && reason === undefined) continue;
    if (!passed) failed++;
    if (passed || reason === undefined) ok = false;
    if (passed) messages.push(`${name}\n  passes: take it off the list of exceptions`);
    else messages.push([name, ...(reason ? [`expected: ${reason}`] : causes)].join("\n  "));
  }
  return { passed: results.length - failed, failed, messages, ok };
}
