import type { LogitsProcessor } from "./logitsProcessors/index.ts";
import { firstNotFinite, largest, logProbabilities } from "./logitsProcessors/probabilities.ts";

/**
 * Logits of the token after each beam.
 *
 * @param beams the tokens of each, the prompt included
 * @param parents which of the last call's beams each goes on from, whose cache it can use
 */
export type ScoreBeams = (
  beams: readonly (readonly number[])[],
  parents: readonly number[],
) => Promise<readonly Float32Array[]> | readonly Float32Array[];

export interface BeamSearchOptions {
  /** The tokens to go on from. */
  prompt: readonly number[];
  beams: number;
  maxNewTokens: number;
  /** Tokens that end a text. */
  endIds?: readonly number[];
  /** Scores are divided by the number of new tokens to this power. Default: 1. */
  lengthPenalty?: number;
  processors?: readonly LogitsProcessor[];
}

interface Beam {
  readonly ids: readonly number[];
  /** Sum of the logarithms of its tokens' probabilities. */
  readonly score: number;
  readonly parent: number;
}

/**
 * The likeliest continuation among those that the best beams lead to.
 *
 * Source: Wu et al. 2016, arXiv:1609.08144, section 7, with scores divided as transformers has it;
 * ends when no running beam could beat the worst finished one by the score that it has now.
 *
 * @returns the prompt and what follows, with the token that ends it
 * @throws {RangeError} when logits are no numbers
 */
export async function beamSearch(
  score: ScoreBeams,
  {
    prompt,
    beams,
    maxNewTokens,
    endIds = [],
    lengthPenalty = 1,
    processors = [],
  }: BeamSearchOptions,
): Promise<number[]> {
  const final = ({ score: sum, ids }: Beam): number =>
    sum / (ids.length - prompt.length) ** lengthPenalty;
  const finished: Beam[] = [];
  let running: Beam[] = [{ ids: prompt, score: 0, parent: 0 }];
  for (let step = 0; step < maxNewTokens && running.length > 0; step++) {
    const logits = await score(
      running.map(({ ids }) => ids),
      running.map(({ parent }) => parent),
    );
    const candidates = extended(running, logits, { count: 2 * beams, processors });
    running = [];
    for (const [rank, candidate] of candidates.entries()) {
      const isEnd = endIds.includes(candidate.ids.at(-1)!);
      if (isEnd && rank < beams) keepBest(finished, candidate, beams, final);
      if (!isEnd && running.length < beams) running.push(candidate);
    }
    const isFull = finished.length === beams;
    if (isFull && candidates[0] && final(finished.at(-1)!) >= final(candidates[0])) running = [];
  }
  for (const beam of running) keepBest(finished, beam, beams, final);
  return [...(finished[0]?.ids ?? prompt)];
}

/** The best beams that are one token longer, best first. */
function extended(
  running: readonly Beam[],
  logits: readonly Float32Array[],
  { count, processors }: { count: number; processors: readonly LogitsProcessor[] },
): Beam[] {
  const candidates = running.flatMap(({ ids, score }, parent) => {
    const wrong = firstNotFinite(logits[parent]!);
    if (wrong >= 0) {
      throw new RangeError(
        `Cannot search beams: expected finite logits, got ${logits[parent]![wrong]} for token ${wrong}; are the model's weights finite?`,
      );
    }
    // Probabilities come first, then what changes them: the published order.
    const logs = Float32Array.from(logProbabilities(logits[parent]!));
    for (const process of processors) process(logs, ids);
    const allowed = largest(logs, count).filter((id) => logs[id]! > -Infinity);
    return allowed.map((id): Beam => ({ ids: [...ids, id], score: score + logs[id]!, parent }));
  });
  return candidates.toSorted((a, b) => b.score - a.score).slice(0, count);
}

/** Puts a beam in its place among the best; the worst of too many goes. */
function keepBest(
  finished: Beam[],
  beam: Beam,
  count: number,
  final: (beam: Beam) => number,
): void {
  const place = finished.findIndex((each) => final(each) < final(beam));
  finished.splice(place < 0 ? finished.length : place, 0, beam);
  if (finished.length > count) finished.pop();
}
