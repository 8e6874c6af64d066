/** What a worker says of its end when it fails. */
export interface WorkerProblem {
  readonly message: string;
  /** What its process ends with. */
  readonly exitCode: number;
  /** It was asked to stop, which is no failure. */
  readonly isInterrupted: boolean;
}

/** A worker has failed, so none can go on. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  /** The first that failed. */
  readonly rank: number;
  readonly problem: WorkerProblem;
  /** Of all workers, by rank. */
  readonly problems: readonly (WorkerProblem | undefined)[];

  /** @param problems of all workers, by rank; there is at least one */
  constructor(problems: readonly (WorkerProblem | undefined)[]) {
    const rank = problems.findIndex((problem) => problem !== undefined);
    const problem = problems[rank]!;
    super(`Cannot go on without rank ${rank}: ${problem.message}`);
    this.problems = problems;
    this.rank = rank;
    this.problem = problem;
  }
}
