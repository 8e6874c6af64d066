import { existsSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { InputError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import { isRecord, type Parameters } from "./parameters.ts";
import { readRunText } from "./readRunText.ts";
import { readRunSpec, readRunSpecText, runSpecPath } from "./runSpec.ts";

/** What a person says of a run. It lies beside the run's record, which it never changes. */
export interface RunNotes {
  readonly tags: readonly string[];
  /** Markdown. */
  readonly notes: string;
  readonly starred: boolean;
  /** Left out of lists. */
  readonly archived: boolean;
  /** `#rrggbb`, in charts; null: chosen by the reader. */
  readonly colour: string | null;
  /** Shown in the place of `<name>/<id>`; null: that. */
  readonly name: string | null;
}

export const notesFileName = "notes.json";

const empty: RunNotes = {
  tags: [],
  notes: "",
  starred: false,
  archived: false,
  colour: null,
  name: null,
};

/**
 * What is said of a run; until somebody has changed it, what its spec says under `tags` and `notes`.
 *
 * @param spec the run's, where it is known already; read from the folder when absent
 * @throws {InputError} when the file is damaged, or the spec that stands in for it
 */
export function readRunNotes(folder: string, spec?: Parameters): RunNotes {
  const file = path.join(folder, notesFileName);
  const text = readRunText(file);
  if (text === undefined) return initialNotes(spec ?? readSpec(folder));
  const value = parseJson(text);
  const notes = isRecord(value) ? { ...empty, ...value } : undefined;
  if (notes && isNotes(notes)) return notes;
  throw new InputError(
    `Cannot read ${file}: expected tags, notes, starred, archived, colour and name; mend it or remove it`,
  );
}

/** Whether a run is left out of lists; one whose notes are damaged is not. */
export function isArchived(folder: string): boolean {
  try {
    return readRunNotes(folder, {}).archived;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/**
 * Changes what is said of a run; what is not named stays.
 *
 * @returns all of it, as it is now
 * @throws {InputError} when the folder is gone, its file is damaged, or a value cannot be one
 */
export function changeRunNotes(folder: string, change: Partial<RunNotes>): RunNotes {
  if (!existsSync(folder)) throw new InputError(`Cannot change ${folder}: no such folder`);
  const notes = { ...readRunNotes(folder), ...change };
  const tags = [...new Set(notes.tags.map((tag) => tag.trim()))];
  checkNotes({ ...notes, tags });
  const changed = { ...notes, tags };
  writeFileAtomic(path.join(folder, notesFileName), `${JSON.stringify(changed, null, 2)}\n`);
  return changed;
}

function initialNotes({ tags, notes }: Parameters): RunNotes {
  return {
    ...empty,
    tags: isTexts(tags) ? tags : [],
    notes: typeof notes === "string" ? notes : "",
  };
}

function readSpec(folder: string): Parameters {
  const isEmpty = !existsSync(runSpecPath(folder)) || readRunSpecText(folder).trim() === "";
  return isEmpty ? {} : readRunSpec(folder).spec;
}

const longestTag = 64; // W&B takes no longer ones

function checkNotes({ tags, colour }: RunNotes): void {
  const bad = tags.find((tag) => tag === "" || tag.length > longestTag || /[\r\n]/.test(tag));
  if (bad !== undefined) {
    throw new InputError(
      `Cannot tag run: expected 1 to ${longestTag} characters on one line, got ${JSON.stringify(bad)}`,
    );
  }
  if (colour !== null && !/^#[0-9a-f]{6}$/i.test(colour)) {
    throw new InputError(`Cannot colour run: expected #rrggbb, got ${JSON.stringify(colour)}`);
  }
}

function isNotes(value: Record<keyof RunNotes, unknown>): value is RunNotes & typeof value {
  const isTextOrNull = (entry: unknown): boolean => entry === null || typeof entry === "string";
  return (
    isTexts(value.tags) &&
    typeof value.notes === "string" &&
    typeof value.starred === "boolean" &&
    typeof value.archived === "boolean" &&
    isTextOrNull(value.colour) &&
    isTextOrNull(value.name)
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
