/**
 * The few things that processes do together below a `World`. Every call is made by all of them, in
 * the same order, one at a time.
 */
export interface Transport {
  /** This process's number, in [0, size). */
  readonly rank: number;
  readonly size: number;
  /**
   * Waits for the others without computing; each number becomes the largest that any process has.
   *
   * @param isPatient asked while waiting; false gives up, with an error
   */
  meet(numbers: Float64Array, isPatient?: () => boolean): Promise<void>;
  /** Each number becomes the sum of all processes' ones, with the same bits everywhere. */
  sum(numbers: Float32Array): Promise<void>;
  /** Each bit becomes 1 where any process has 1. */
  or(bytes: Uint8Array): Promise<void>;
  /** Bytes become those of one process. */
  broadcast(bytes: Uint8Array, from: number): Promise<void>;
  /** Leaves in an orderly way; all others do so, too. */
  finalize(): void;
  /** Ends all processes at once. */
  abort(exitCode: number): void;
}
