/** A signal stopped the run. What was done is saved, and the run can be resumed. */
export class InterruptedRun extends Error {
  override readonly name = "InterruptedRun";
  /** What the process ends with: 75, or 128 + the signal's number. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
