import { InputError } from "../../base/errors.ts";
import { toPlain, type SpecMapping, type SpecNode } from "../../spec/specNode.ts";
import type { CommandMacro } from "../../spec/sweepCommand.ts";
import { pythonJson, pythonText } from "./pythonText.ts";

export interface CommandSetting {
  /** What a trial sets: W&B's `config`. */
  readonly config: SpecMapping;
  readonly program: string | undefined;
  /** Python's command. */
  readonly interpreter: string;
  /** Where the settings are as JSON. */
  readonly jsonFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The words that start a trial, with what W&B's macros stand for.
 *
 * @throws {InputError} for an environment variable that is not set
 */
export function commandWords(words: readonly string[], setting: CommandSetting): string[] {
  const { config, program, interpreter, jsonFile, environment } = setting;
  const each = (write: (name: string, value: string) => string[]): string[] =>
    [...config.entries].flatMap(([name, node]) => write(name, pythonText(node)));
  const meanings: Readonly<Record<CommandMacro, () => string[]>> = {
    env: () => ["/usr/bin/env"],
    interpreter: () => [interpreter],
    program: () => (program === undefined ? [] : [program]),
    args: () => each((name, value) => [`--${name}=${value}`]),
    args_no_equals: () => each((name, value) => [`--${name}`, value]),
    args_no_hyphens: () => each((name, value) => [`${name}=${value}`]),
    args_no_boolean_flags: () => [...config.entries].flatMap(([name, node]) => flag(name, node)),
    args_json: () => [pythonJson(config)],
    args_json_file: () => [jsonFile],
    args_append_hydra: () => each((name, value) => [`+${name}=${value}`]),
    args_override_hydra: () => each((name, value) => [`++${name}=${value}`]),
  };
  const isMacro = (name: string | undefined): name is CommandMacro =>
    name !== undefined && Object.hasOwn(meanings, name);
  return words.flatMap((word) => {
    const macro = /^\$\{(.*)\}$/.exec(word)?.[1];
    return isMacro(macro) ? meanings[macro]() : [withVariables(word, environment)];
  });
}

/** `true` is the bare flag, and `false` none. */
function flag(name: string, node: SpecNode): string[] {
  const value = toPlain(node);
  if (typeof value === "boolean") return value ? [`--${name}`] : [];
  return [`--${name}=${pythonText(node)}`];
}

function withVariables(word: string, environment: CommandSetting["environment"]): string {
  return word.replaceAll(/\$\{envvar:([A-Z0-9_]*)\}/g, (_, name: string) => {
    const value = environment[name];
    if (value !== undefined) return value;
    throw new InputError(
      `Cannot start the command: expected the environment variable ${name}, which \${envvar:${name}} asks for, got none`,
    );
  });
}
