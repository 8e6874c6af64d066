/** A checkpoint that a callback asks for. Two requests for one name are one complete checkpoint. */
export interface CheckpointRequest {
  /** Name of its folder. Default: the step's. */
  readonly name?: string;
  /**
   * Only the weights to publish, averaged ones if something averages: a third of the size with
   * Adam, but nothing to resume from.
   */
  readonly weightsOnly?: boolean;
}
