import type { ConnectedWorld } from "../distributed/connectedWorld.ts";
import { findLaunch } from "../distributed/launcher.ts";
import { WorkerError, type WorkerProblem } from "../distributed/workerError.ts";
import { singleProcess } from "../distributed/world.ts";
import type { CommandContext, WorkerContext } from "./command.ts";
import { describeProblem } from "./problem.ts";
import { QuietExit } from "./quietExit.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Carries a command out as one of several workers, if a launcher of MPI has started them. They end
 * together, however the work ends, and rank 0 speaks for all.
 *
 * @throws {QuietExit} where another worker, or this one, has said what went wrong
 */
export async function withWorkers(
  context: CommandContext,
  work: (context: WorkerContext) => Promise<void>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const launch = findLaunch(environment);
  if (!launch || launch.size === 1) {
    return work({ ...context, world: singleProcess, threads: undefined });
  }
  const { connectMpi } = await import("../distributed/connectMpi.ts");
  const { world, threads, description } = await connectMpi(launch, environment);
  const { rank } = world;
  if (rank === 0) context.terminal.print(description);
  const own = rank === 0 ? context : silent(context);
  const leave = (code: number): void => {
    context.terminal.warn(`rank ${rank}: its process ends before its work is done`);
    world.abort(code || 1);
  };
  process.on("exit", leave);
  try {
    await endTogether(world, context.terminal, () => work({ ...own, world, threads }));
  } finally {
    process.off("exit", leave);
  }
}

/** Rank 0 prints for all; warnings say whose they are. */
function silent(context: CommandContext): CommandContext {
  const quiet: Terminal = { print: () => {}, warn: () => {} };
  return {
    ...context,
    terminal: quiet,
    watchSignals: (terminal = quiet, sender) => context.watchSignals(terminal, sender),
  };
}

/**
 * Does this worker's work and waits for the others to have done theirs, or failed.
 *
 * @param terminal for what must be said by whoever has it to say
 */
export async function endTogether(
  world: ConnectedWorld,
  terminal: Terminal,
  work: () => Promise<void>,
): Promise<void> {
  const error: unknown = await work().then(
    () => undefined,
    (cause: unknown) => cause ?? new Error("it failed without an error"),
  );
  const problem = error === undefined ? undefined : describeProblem(error);
  let isTold = false;
  const tell = (): void => {
    if (problem && !isTold) terminal.warn(`rank ${world.rank}: ${problem.message}`);
    isTold = true;
  };
  const sayAll = (why: Error | undefined): void => {
    if (world.rank !== 0 || isTold) return;
    const lines = linesOf(problemsOf(world.rank, problem, why), world.size);
    for (const line of lines) terminal.warn(line);
  };
  const reason = await world.end(problem, tell, sayAll).catch((cause: unknown) => {
    tell();
    const { message, exitCode } = describeProblem(cause);
    if (message !== problem?.message) terminal.warn(`rank ${world.rank}: ${message}`);
    world.abort(exitCode);
    throw new QuietExit(exitCode, { cause });
  });
  if (error === undefined && reason === undefined) return;
  const exitCode = exitCodeOf(problemsOf(world.rank, problem, reason));
  throw new QuietExit(exitCode, { cause: error });
}

/** A failure counts more than an interruption, after which the work may be started again. */
function exitCodeOf(problems: readonly (WorkerProblem | undefined)[]): number {
  const there = problems.filter((problem) => problem !== undefined);
  const failures = there.filter(({ isInterrupted }) => !isInterrupted);
  const decisive = failures.length > 0 ? failures : there;
  return Math.max(...decisive.map(({ exitCode }) => exitCode));
}

/** By rank: what this worker knows. */
function problemsOf(
  rank: number,
  own: WorkerProblem | undefined,
  reason: Error | undefined,
): (WorkerProblem | undefined)[] {
  const problems = reason instanceof WorkerError ? [...reason.problems] : [];
  problems[rank] ??= own ?? (reason && describeProblem(reason));
  return problems;
}

/** Each message once, with the rank whose it is, unless it is everybody's or names one itself. */
function linesOf(problems: readonly (WorkerProblem | undefined)[], workers: number): string[] {
  const lines = new Map<string, string>();
  for (const [rank, problem] of problems.entries()) {
    if (!problem || lines.has(problem.message)) continue;
    if (problem.isInterrupted && lines.size > 0) continue;
    const { message, isInterrupted } = problem;
    const sharing = problems.filter((other) => other?.message === message).length;
    const needsNone = sharing === workers || /\brank \d/.test(message) || isInterrupted;
    lines.set(message, needsNone ? message : `rank ${rank}: ${message}`);
  }
  return [...lines.values()];
}
