/** What is done where a conversation has more tokens than a model has room for. */
export type Truncation = "disabled" | "auto" | "summarize" | "streaming";

/** What a client is told of it. */
export interface TruncationReport {
  readonly strategy: Truncation;
  readonly dropped_messages: number;
  /** Turns of the user, each with all that it caused. */
  readonly dropped_turns: number;
  readonly dropped_tokens: number;
  /** Of the message in place of those that were dropped. */
  readonly summary_tokens?: number;
  /** What new summaries took. */
  readonly summary_usage?: { readonly prompt_tokens: number; readonly completion_tokens: number };
  /** Tokens of the prompt that are not seen any more, but for those that streaming keeps. */
  readonly unseen_tokens?: number;
}

export const nothingDropped: Pick<
  TruncationReport,
  "dropped_messages" | "dropped_turns" | "dropped_tokens"
> = { dropped_messages: 0, dropped_turns: 0, dropped_tokens: 0 };

/** For bodies: nothing where nothing could be dropped. */
export const reportBody = (report: TruncationReport | undefined): object =>
  report ? { truncation_report: report } : {};

export function reportHeaders(report: TruncationReport | undefined): Record<string, string> {
  if (!report) return {};
  const { strategy, dropped_messages, dropped_turns, dropped_tokens } = report;
  const counts = Object.entries({ dropped_messages, dropped_turns, dropped_tokens });
  const fields = counts.map(([name, count]) => `${name}=${count}`);
  return { "x-seedbed-truncation": [strategy, ...fields].join("; ") };
}
