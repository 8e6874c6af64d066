import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { reportDataFile } from "../../report/writeReportFolder.ts";

/**
 * Refuses a place where something is that a report would replace; an earlier report may go.
 *
 * @throws {InputError} saying what is there
 */
export function checkReportPlace(out: string): void {
  const found = statSync(out, { throwIfNoEntry: false });
  if (!found) return;
  const isReport = existsSync(path.join(out, reportDataFile));
  if (found.isDirectory() && (isReport || readdirSync(out).length === 0)) return;
  throw new InputError(
    `Cannot write a report to ${out}: expected an empty folder, an earlier report or nothing, got something else; give another place with --out`,
  );
}
