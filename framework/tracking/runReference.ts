import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { listRuns } from "./runStore.ts";

const pattern = /^run:([^/]+)(?:\/(.+))?$/;

/** What `run:teacher/model` means: a run by its name or id, and a path in its folder. */
export interface RunReference {
  readonly run: string;
  /** Default: `model`. */
  readonly path: string;
}

/** Undefined for other texts, such as a folder's. */
export function parseRunReference(text: string): RunReference | undefined {
  const [, run, inside = "model"] = pattern.exec(text) ?? [];
  return run === undefined ? undefined : { run, path: inside };
}

/**
 * The place that a reference means: in the newest finished run of that name, or the run of that id.
 *
 * @param root folder of all runs
 * @returns an absolute path; undefined when there is no such run
 * @throws {InputError} when the run has nothing there
 */
export function findReferenced(root: string, reference: RunReference): string | undefined {
  const { run, path: inside } = reference;
  const newest = listRuns(root)
    .filter(({ status }) => status === "finished")
    .findLast(({ manifest: { id, name } }) => run === name || run === id);
  if (!newest) return undefined;
  const place = path.resolve(newest.folder, inside);
  if (existsSync(place)) return place;
  throw new InputError(
    `Cannot use run:${run}/${inside}: run ${newest.folder} has no ${inside}; expected one that its experiment made`,
  );
}
