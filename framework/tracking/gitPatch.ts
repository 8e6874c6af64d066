import { execFileSync } from "node:child_process";

import { writeFileAtomic } from "../base/atomicFile.ts";
import { redactSecrets } from "./redactSecrets.ts";
import type { RunEnvironment } from "./runEnvironment.ts";

export interface GitPatchOptions {
  /** Files whose changes would make the patch longer are left out, and named. */
  maxBytes?: number;
  environment?: NodeJS.ProcessEnv;
}

/** What git may answer with; more is not looked at. */
const answerBytes = 2 ** 26;
const namesShown = 1000;

/**
 * What differs from the commit that is checked out, for `git apply`, after lines that name untracked
 * files and changes that are left out. Binary files are named without their content, values of
 * secrets are taken out.
 *
 * @param folder in the repository, all of which is looked at
 * @returns "" where nothing differs, or there is no repository
 */
export function gitPatch(
  folder: string,
  { maxBytes = 2 ** 20, environment = process.env }: GitPatchOptions = {},
): string {
  const top = ask(folder, ["rev-parse", "--show-toplevel"])?.trim();
  if (top === undefined) return "";
  const untracked = namesOf(ask(top, ["ls-files", "--others", "--exclude-standard"]));
  const { changes, leftOut } = changesWithin(top, maxBytes);
  const lines = [
    ...listOf("Untracked files, whose content is not here:", untracked),
    ...listOf(`Changes that are not here, since all may have ${maxBytes} bytes:`, leftOut),
  ];
  return redactSecrets(lines.map((line) => `${line}\n`).join("") + changes, environment);
}

/** Writes what this process's code differs in from its commit, if it does. */
export function writeGitPatch(file: string, { git }: RunEnvironment): void {
  if (git?.dirty) writeFileAtomic(file, gitPatch(process.cwd()));
}

function changesWithin(top: string, maxBytes: number): { changes: string; leftOut: string[] } {
  const diff = ask(top, ["diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv"]);
  if (diff === undefined) {
    return { changes: "", leftOut: namesOf(ask(top, ["diff", "HEAD", "--name-only"])) };
  }
  let changes = "";
  const leftOut: string[] = [];
  for (const change of diff.split(/^(?=diff --git )/m)) {
    if (changes.length + change.length <= maxBytes) changes += change;
    else leftOut.push(change.slice("diff --git ".length, change.indexOf("\n")));
  }
  return { changes, leftOut };
}

function listOf(title: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length - namesShown;
  return [
    `# ${title}`,
    ...names.slice(0, namesShown).map((name) => `#   ${name}`),
    ...(more > 0 ? [`#   and ${more} more`] : []),
  ];
}

function namesOf(answer = ""): string[] {
  return answer.split("\n").filter((name) => name !== "");
}

/** Git's answer; undefined where it has none, or one that is too long. */
function ask(folder: string, words: readonly string[]): string | undefined {
  try {
    return execFileSync("git", ["-C", folder, "-c", "core.quotePath=false", ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
      maxBuffer: answerBytes,
    });
  } catch {
    return undefined;
  }
}
