import { fill } from "../tools/tool.ts";
import type { Question } from "./question.ts";
import { splitOf } from "./split.ts";

/** Something to be known by heart. */
export interface Fact {
  /** What is asked about, in all of its phrasings. */
  readonly key: string;
  readonly phrasings: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly answer: string;
}

/**
 * Questions for a fact, one for each phrasing. The first phrasing is always trained on, since nobody
 * knows what was never told; of the others, a hash of fact and phrasing keeps some for validation
 * and test. The test therefore measures whether a fact that was seen is found again when it is asked
 * for in words that it was not seen with.
 */
export function factQuestions(
  source: string,
  { key, phrasings, values, answer }: Fact,
): Question[] {
  return phrasings.map((phrasing, i) => ({
    source,
    split: i === 0 ? "train" : splitOf(`${source}/${key}/${phrasing}`),
    question: fill(phrasing, values),
    answer,
  }));
}
