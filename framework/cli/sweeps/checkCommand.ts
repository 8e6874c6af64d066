import { nodeAt, toPointer } from "../../spec/specNode.ts";
import { failAt } from "../../spec/specPlace.ts";
import type { SweepSpec } from "../../spec/sweepSpec.ts";
import { findCommand } from "../trials/programProcess.ts";

/**
 * Checks that a sweep's command can be started here, before it is tried for each trial.
 *
 * @throws {SpecError} when its program or an environment variable that it asks for does not exist
 */
export function checkCommand(
  { command, root }: SweepSpec,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  if (!command) return;
  const at = (index: number): Parameters<typeof failAt>[0] => ({
    origin: nodeAt(root, ["command", String(index)]).origin,
    pointer: toPointer(["command", String(index)]),
  });
  for (const [i, word] of command.words.entries()) {
    for (const [, name = ""] of word.matchAll(/\$\{envvar:([A-Z0-9_]*)\}/g)) {
      if (environment[name] !== undefined) continue;
      failAt(at(i), `expected the environment variable ${name}, got none`);
    }
  }
  const first = command.words.findIndex((word) => word !== "${env}");
  const word = command.words[first] ?? "";
  const name = { "${interpreter}": "python3", "${program}": command.program }[word] ?? word;
  if (findCommand(name, environment, command.directory) || name === "") return;
  failAt(at(first), `expected a program that can be started, got "${name}", which is none`);
}
