/** The fit's signal was aborted. The running step was finished first. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** Checkpoint to resume from; undefined when the Trainer has no checkpoints folder. */
  checkpoint: string | undefined;

  constructor(step: number, options?: ErrorOptions) {
    super(`Training was interrupted after step ${step}`, options);
  }
}
