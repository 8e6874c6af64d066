/** The process ends with a code; what there is to say was said. */
export class QuietExit extends Error {
  override readonly name = "QuietExit";
  readonly exitCode: number;

  constructor(exitCode: number, options?: ErrorOptions) {
    super(`exit code ${exitCode}`, options);
    this.exitCode = exitCode;
  }
}
