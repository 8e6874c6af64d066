import type { ScoreBeams } from "./beamSearch.ts";
import type { Logits } from "./decodeEngine.ts";

/** What beams are scored with: `DecodeEngine`, or what has its calls. */
export interface BeamTarget {
  readonly rows: number;
  prefill(row: number, tokens: ArrayLike<number>): Promise<Float32Array>;
  step(rows: readonly { readonly row: number; readonly token: number }[]): Promise<Logits>;
  fork(from: number, to: number): Promise<void>;
  reset(row: number): Promise<void>;
}

/**
 * Scores the beams of one search, each in a row of its own: the newest token of each is run on the
 * cache of the beam that it goes on from. A row is copied where two beams go on from one.
 *
 * @throws {RangeError} when there are more beams than rows
 */
export function beamScorer(engine: BeamTarget): ScoreBeams {
  /** Of each of the last call's beams. */
  let rows: number[] = [];
  return async (beams, parents) => {
    if (beams.length > engine.rows) {
      throw new RangeError(
        `Cannot search ${beams.length} beams: the engine has ${engine.rows} rows; make it with more`,
      );
    }
    if (rows.length === 0) {
      rows = [0];
      await engine.reset(0);
      return [await engine.prefill(0, beams[0]!)];
    }
    rows = await movedRows(engine, rows, parents);
    return engine.step(beams.map((ids, i) => ({ row: rows[i]!, token: ids.at(-1)! })));
  };
}

/** The first of a parent's beams goes on in its row, the others in rows that are free. */
async function movedRows(
  engine: BeamTarget,
  rows: readonly number[],
  parents: readonly number[],
): Promise<number[]> {
  const kept = new Set(parents.map((parent) => rows[parent]!));
  const free = Array.from({ length: engine.rows }, (_, row) => row).filter((row) => !kept.has(row));
  const moved: number[] = [];
  for (const parent of parents) {
    const row = rows[parent]!;
    const to = kept.delete(row) ? row : free.shift()!;
    if (to !== row) await engine.fork(row, to);
    moved.push(to);
  }
  return moved;
}
