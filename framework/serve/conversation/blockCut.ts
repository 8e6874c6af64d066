/**
 * Which units go, where a conversation has too many tokens: whole blocks of them, so that what is left
 * begins alike for as many turns as a block lasts, and what was computed of it is found again.
 *
 * @param counts tokens of each unit that may go, the oldest first
 * @param excess tokens that have to go
 * @param block tokens of a block
 * @returns for each block that goes, the unit that is the first one after it
 */
export function blockCuts(counts: readonly number[], excess: number, block: number): number[] {
  const blocks = Math.ceil(Math.max(0, excess) / block);
  const cuts: number[] = [];
  let [units, tokens] = [0, 0];
  for (let number = 1; number <= blocks; number++) {
    while (units < counts.length && tokens < number * block) tokens += counts[units++]!;
    if (units !== (cuts.at(-1) ?? 0)) cuts.push(units);
  }
  return cuts;
}
