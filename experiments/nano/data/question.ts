import type { Split } from "./split.ts";

/** A question with one short answer. */
export interface Question {
  /** Where it comes from, such as `countries`. */
  readonly source: string;
  readonly split: Split;
  readonly question: string;
  /** What is said, such as `Paris.` */
  readonly answer: string;
}
