export interface TurnMarks {
  /** What begins the assistant's turns, such as the ids of `<|im_start|>assistant\n`. */
  readonly start: readonly number[];
  /** What ends every turn. */
  readonly end: number;
}

/**
 * Marks what a model is to say in a dialogue: 1 for the tokens of the assistant's turns, with the
 * token that ends each, without what begins it; 0 for all others.
 *
 * @throws {RangeError} when an assistant's turn does not end
 */
export function assistantMask(ids: ArrayLike<number>, { start, end }: TurnMarks): Uint8Array {
  const mask = new Uint8Array(ids.length);
  for (let i = 0; i + start.length <= ids.length; i++) {
    if (!start.every((id, k) => ids[i + k] === id)) continue;
    i += start.length;
    while (i < ids.length && ids[i] !== end) mask[i++] = 1;
    if (i === ids.length) {
      throw new RangeError(
        `Cannot mark the assistant's turns: expected token ${end} at the end of each, got none after the last`,
      );
    }
    mask[i] = 1;
  }
  return mask;
}
