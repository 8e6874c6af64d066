import type { RunOutcome } from "./runOutcome.ts";

/** What programs usually end with: 128 + SIGINT's number after an interruption, as shells have it. */
export function exitCodeAfter(outcome: RunOutcome): number {
  switch (outcome) {
    case "finished":
      return 0;
    case "failed":
      return 1;
    case "interrupted":
      return 130;
  }
}
