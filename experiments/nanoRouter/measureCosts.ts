import { DecodeEngine, type Tokenizer } from "seedbed";

import { endOfTurn } from "../nano/data/chat.ts";
import { chooseItems } from "../nano/evaluation/chooseItems.ts";
import { answerTask } from "./askModel.ts";
import type { AnsweredPair, AskedModel } from "./pairs.ts";

/** Processor milliseconds of an answer, in the mean over a group of tasks. */
export interface AnswerTimes {
  readonly weak: number;
  readonly strong: number;
}

export interface MeasureCostsOptions {
  readonly weak: AskedModel;
  readonly strong: AskedModel;
  readonly tokenizer: Tokenizer;
  readonly pairs: readonly AnsweredPair[];
  /** Tasks of each group that are timed. */
  readonly tasks: number;
  /** How often each answer is given; the least time counts. */
  readonly repeats: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Times the answers to some tasks, models taking turns, so that what else the machine does disturbs
 * them alike. One thread each.
 */
export async function measureCosts({
  weak,
  strong,
  tokenizer,
  pairs,
  tasks: count,
  repeats,
  signal,
}: MeasureCostsOptions): Promise<Map<string, AnswerTimes>> {
  const end = tokenizer.idOf(endOfTurn)!;
  const engines = [weak, strong].map(
    ({ engine }) => new DecodeEngine({ ...engine, rows: 1, threads: 1 }),
  );
  const times = new Map<string, AnswerTimes>();
  try {
    for (const group of new Set(pairs.map((pair) => pair.group))) {
      const own = pairs.filter((pair) => pair.group === group).map(({ task }) => task);
      const timed = chooseItems(own, count, ({ prompt }) => prompt.ids.join());
      const sums: [number, number] = [0, 0];
      for (const task of timed) {
        const least: [number, number] = [Infinity, Infinity];
        for (let repeat = 0; repeat <= repeats; repeat++) {
          for (const which of [0, 1] as const) {
            signal?.throwIfAborted();
            const started = process.cpuUsage();
            await answerTask(engines[which]!, task, tokenizer, end);
            const { user, system } = process.cpuUsage(started);
            const cpuMs = (user + system) / 1000;
            if (repeat > 0) least[which] = Math.min(least[which], cpuMs); // the first warms up
          }
        }
        for (const which of [0, 1] as const) sums[which] += least[which] / timed.length;
      }
      times.set(group, { weak: sums[0], strong: sums[1] });
    }
    return times;
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}
