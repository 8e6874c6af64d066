import { existsSync } from "node:fs";
import path from "node:path";

import { suggest } from "../base/nearest.ts";
import { child, toPlain, type SpecMapping, type SpecNode } from "./specNode.ts";
import { failAt } from "./specPlace.ts";

/** How trials are started whose program is no spec. */
export interface SweepCommand {
  /** Word by word; `${...}` stand for what a trial sets. */
  readonly words: readonly string[];
  /** What `${program}` stands for; undefined where no word asks for it. */
  readonly program: string | undefined;
  /** Where trials are started: absolute path. */
  readonly directory: string;
}

/** What a word of a command may be in its place, as W&B has them. */
export const commandMacros = [
  "env",
  "interpreter",
  "program",
  "args",
  "args_no_equals",
  "args_no_hyphens",
  "args_no_boolean_flags",
  "args_json",
  "args_json_file",
  "args_append_hydra",
  "args_override_hydra",
] as const;

export type CommandMacro = (typeof commandMacros)[number];

const defaultWords = ["${env}", "${interpreter}", "${program}", "${args}"];

/** Whether trials are experiments, whose spec the program is. */
export const isSpecFile = (program: string | undefined): boolean =>
  program !== undefined && /\.ya?ml$/.test(program);

/**
 * The command of a sweep whose program is no spec. The program is looked for where the sweep is
 * called, as W&B does, then beside its file.
 *
 * @throws {SpecError} for macros that do not exist, and a program that does not
 */
export function readCommand(root: SpecMapping, file: string): SweepCommand {
  const words = readWords(root);
  const node = root.entries.get("program");
  const program = node && String(toPlain(node));
  if (!words.includes("${program}")) return { words, program, directory: process.cwd() };
  const directories = [process.cwd(), path.resolve(path.dirname(file))];
  const directory = directories.find((each) => existsSync(path.resolve(each, program ?? "")));
  if (program !== undefined && directory !== undefined) return { words, program, directory };
  const got = program === undefined ? "none" : `"${program}", which is not there`;
  const expected = `expected a program that is in ${[...new Set(directories)].join(" or ")}`;
  return failAt({ origin: (node ?? root).origin, pointer: "/program" }, `${expected}, got ${got}`);
}

function readWords(root: SpecMapping): string[] {
  const node = root.entries.get("command");
  if (node?.kind !== "list") return defaultWords;
  for (const [i] of node.items.entries()) checkMacro(child(node, String(i))!, i);
  return node.items.map((item) => String(toPlain(item)));
}

function checkMacro(node: SpecNode, index: number): void {
  const macro = /^\$\{(?!envvar:)(.*)\}$/.exec(String(toPlain(node)))?.[1];
  if (macro === undefined || commandMacros.some((each) => each === macro)) return;
  const known = commandMacros.map((each) => `\${${each}}`);
  const place = { origin: node.origin, pointer: `/command/${index}` };
  const all = `${known.join(", ")} or \${envvar:NAME}`;
  failAt(place, `expected one of ${all}, got \${${macro}}${suggest(`\${${macro}}`, known)}`);
}
