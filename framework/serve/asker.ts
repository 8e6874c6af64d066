/** What an answer will take at most. */
export interface AnswerStart {
  /** Who answers. */
  readonly model: string;
  readonly promptTokens: number;
  /** Of all choices together. */
  readonly mostCompletionTokens: number;
}

/** What an answer took. */
export interface AnswerEnd {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** Is told what becomes of an answer. */
export interface AnswerRecord {
  /** A token of one of its choices has come. */
  token(choice: number): void;
  /** It has ended, whole or not. */
  end(usage: AnswerEnd): void;
}

/** Who is answered. */
export interface Asker {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Whose turns an answer takes; "" is nobody in particular. */
  readonly owner: string;
  /**
   * Called before an answer begins; a request that several models answer has several.
   *
   * @throws {ApiError} where the asker may have no more
   */
  begin(start: AnswerStart): AnswerRecord;
}
