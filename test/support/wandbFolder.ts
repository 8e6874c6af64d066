import { mkdirSync } from "node:fs";
import path from "node:path";

import { WandbOfflineRun } from "../../framework/tracking/wandb/offline.ts";
import type { WandbRunInfo } from "../../framework/tracking/wandb/runInfo.ts";

export interface WandbFolderOptions {
  /** Steps of its rows. */
  steps?: readonly number[];
  /** Of a resumed run. */
  startingStep?: number;
  /** Null for a process that was killed. */
  exitCode?: number | null;
  info?: Partial<WandbRunInfo>;
}

/** One process's folder in W&B's format, of run a1b2c3d4, with rows, a picture, a line and a state. */
export function writeWandbFolder(
  run: string,
  { steps = [1, 2, 3], startingStep, exitCode = 0, info = {} }: WandbFolderOptions = {},
): string {
  mkdirSync(run, { recursive: true });
  const start = 1_700_000_000 + (startingStep ?? 0);
  const offline = new WandbOfflineRun({
    folder: run,
    info: {
      runId: "a1b2c3d4",
      project: "tests",
      group: "g",
      config: { seed: 7, model: { width: 3 }, rate: NaN },
      startTimeSeconds: 1_700_000_000,
      ...info,
    },
    files: { "requirements.txt": "node==20.1.0\n" },
    ...(startingStep !== undefined && { startingStep }),
    nowSeconds: start,
  });
  const picture = { png: Uint8Array.of(startingStep ?? 0), width: 1, height: 1 };
  const image = offline.storeImages("picture", [picture], steps[0] ?? 0);
  for (const [i, step] of steps.entries()) {
    const row = new Map([["loss", String(10 * step)]]);
    if (i === 0) row.set("picture", image);
    offline.logRow({ numbers: undefined, values: row }, step, 1_700_000_000 + step);
  }
  offline.logOutput(`line ${startingStep ?? 0}`, "stderr", start + 0.5);
  offline.logStats(new Map([["cpu", 12]]), start + 1);
  offline.logSummary(new Map([["loss", String(10 * (steps.at(-1) ?? 0))]]), start + 2);
  if (exitCode !== null) offline.finish(exitCode, start + 3);
  return path.resolve(offline.folder);
}
