export interface LogitsProcessor {
  /**
   * Changes the logits of the next token in place; minus infinity forbids one.
   *
   * @param logits one for each token of the vocabulary
   * @param ids the tokens so far, the prompt included
   */
  (logits: Float32Array, ids: ArrayLike<number>): void;
  /**
   * May be called before, with the same tokens, while the model computes the logits: for what takes
   * long and needs none of them.
   */
  readonly prepare?: (ids: ArrayLike<number>) => void;
}

/** @throws {RangeError} unless `isRight` */
export function checkOption(isRight: boolean, name: string, expected: string, got: unknown): void {
  if (isRight) return;
  throw new RangeError(`Cannot sample: expected ${name} ${expected}, got ${JSON.stringify(got)}`);
}
