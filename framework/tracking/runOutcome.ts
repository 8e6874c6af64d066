/** How a run ended. */
export type RunOutcome = "finished" | "failed" | "interrupted";

/** What a run ends with, by name. */
export type RunSummary = Readonly<Record<string, number | string>>;
