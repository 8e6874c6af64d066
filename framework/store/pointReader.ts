/** Takes the scalars of a run, in the order in which they were logged. */
export interface PointListener {
  /** All that came before is void. */
  restart(): void;
  /**
   * @param epoch NaN where it is not known
   * @param time seconds since 1970, NaN where it is not known
   * @param metrics numbers, or their words NaN, Infinity and -Infinity; others are passed over
   */
  point(
    step: number,
    epoch: number,
    time: number,
    metrics: Readonly<Record<string, unknown>>,
  ): void;
}

/**
 * Reads the scalars that a run has logged since an earlier call.
 *
 * @param cursor what the earlier call returned, or undefined; a copy by JSON will do, and one that
 *   is not understood makes the reader begin anew
 * @returns the same cursor when nothing has come
 */
export type PointReader = (folder: string, cursor: unknown, listener: PointListener) => unknown;
