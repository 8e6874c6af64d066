import { stringify } from "yaml";

import { AnswerLog } from "../../serve/routing/answerLog.ts";
import { createRun } from "../../tracking/createRun.ts";
import { openLoggers } from "../../tracking/openLoggers.ts";
import type { CommandContext } from "../command.ts";

export interface OpenAnswerLogOptions {
  /** Folder of all runs. */
  readonly runsFolder: string;
  /** What is served, and how; kept as the run's spec. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly models: readonly string[];
  readonly hasMessages: boolean;
}

/** Begins a run that what is answered is kept in. */
export async function openAnswerLog(
  { runsFolder, settings, models, hasMessages }: OpenAnswerLogOptions,
  { args, terminal: { print, warn } }: CommandContext,
): Promise<AnswerLog> {
  const spec = { name: "serve", experiment: "serve", seed: 0, serve: settings };
  const run = createRun({
    ...{ root: runsFolder, name: "serve", seed: 0, spec },
    ...{ specYaml: stringify(spec), command: ["seedbed", ...args] },
  });
  await openLoggers(run, { parameters: spec, wandb: false, print, warn });
  return new AnswerLog({ run, models, hasMessages, warn });
}
