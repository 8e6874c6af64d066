import path from "node:path";

import { InputError } from "../../base/errors.ts";
import type { EvaluatedRun, EvaluateContext } from "../../experiment/evaluation.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import type { Report } from "../../report/report.ts";
import type { ReportFormat } from "../../report/reportFormats.ts";
import { writeReportFolder } from "../../report/writeReportFolder.ts";
import { openBackend } from "../carryOut.ts";
import type { CommandContext } from "../command.ts";
import { InterruptedRun } from "../interruptedRun.ts";
import { checkReportPlace } from "../reporting/checkReportPlace.ts";
import { reportLines } from "../reporting/reportLines.ts";
import { sampleProgress } from "../sampling/sampleProgress.ts";
import { findRuns } from "./findRuns.ts";
import { readEvaluationOptions, type EvaluationArguments } from "./readEvaluationOptions.ts";

export interface EvaluateRunsOptions extends EvaluationArguments {
  readonly out: string | undefined;
  readonly format: readonly ReportFormat[];
  readonly runsFolder: string;
}

/**
 * Lets the experiment of some runs compare them, and writes its report, whole or not at all.
 *
 * @param references each a run's folder, its id, or the beginning of its id
 * @throws {InputError} when a run cannot be evaluated, or a report has no place
 * @throws {InterruptedRun} after SIGINT or SIGTERM
 */
export async function evaluateRuns(
  references: readonly string[],
  { out: given, format, runsFolder, ...rest }: EvaluateRunsOptions,
  context: CommandContext,
): Promise<void> {
  const options = readEvaluationOptions(rest);
  const { experiment, runs } = await findRuns(references, runsFolder);
  const out = given ?? usualPlace(runs);
  checkReportPlace(out);
  const evaluate = evaluationOf(experiment, runs);
  const { compile } = await openBackend(runs[0]!.spec, undefined);
  const report = await interruptible(context, (signal) => {
    const { terminal } = context;
    const output = terminal.progress ?? { write() {} };
    return evaluate({
      runs,
      options,
      compile,
      signal,
      print: terminal.print,
      startProgress: (pictures) => sampleProgress({ output, pictures }),
    });
  });
  await writeReportFolder(out, report, format);
  for (const line of reportLines(report, out, format)) context.terminal.print(line);
}

/** In its folder for one run; one place cannot belong to several. */
function usualPlace(runs: readonly EvaluatedRun[]): string {
  return runs.length === 1 ? path.join(runs[0]!.stored.folder, "evaluation") : "evaluation";
}

type Evaluate = (context: EvaluateContext) => Promise<Report>;

function evaluationOf(experiment: Experiment, [run]: readonly EvaluatedRun[]): Evaluate {
  if (experiment.evaluate) return (context) => experiment.evaluate!(context);
  throw new InputError(
    `Cannot evaluate ${run!.stored.folder}: experiment "${experiment.name}" does not say how; give its experiments/${run!.spec.experiment}/experiment.ts a function "evaluate"`,
  );
}

async function interruptible(
  context: CommandContext,
  work: (signal: AbortSignal) => Promise<Report>,
): Promise<Report> {
  const watch = context.watchSignals();
  try {
    const report = await work(watch.signal);
    watch.signal.throwIfAborted();
    return report;
  } catch (cause) {
    if (!watch.signal.aborted || cause !== watch.signal.reason) throw cause;
    const text = "Interrupted: there is no report; the same command goes on where it stopped";
    throw new InterruptedRun(text, watch.exitCode(), { cause });
  } finally {
    watch.release();
  }
}
