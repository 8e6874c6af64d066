import { once } from "node:events";
import path from "node:path";

import { InputError } from "../base/errors.ts";
import { createServer } from "../serve/createServer.ts";
import { LanguageService } from "../serve/languageService.ts";
import { isLoopback } from "../web/server/foreignRequest.ts";
import { listen } from "../web/server/listen.ts";
import type { CommandContext } from "./command.ts";

export interface ServeModelsOptions {
  /** Folders, each also as `NAME=FOLDER`; a name is else the folder's. */
  readonly models: readonly string[];
  readonly port: number;
  readonly host: string;
  /** Answers at a time, of each model. */
  readonly rows: number;
}

/** Serves models until a signal comes; answers that are under way then are ended first. */
export async function serveModels(
  { models, port, host, rows }: ServeModelsOptions,
  context: CommandContext,
): Promise<void> {
  const { print, warn } = context.terminal;
  if (!isLoopback(host)) {
    throw new InputError(
      `Cannot serve models on ${host}: expected an address of this machine alone, such as 127.0.0.1, since nobody is asked for a key; others reach it through ssh -L`,
    );
  }
  const named = namesOf(models);
  const services: LanguageService[] = [];
  try {
    for (const [name, folder] of named) services.push(LanguageService.open(folder, { name, rows }));
    const app = createServer({ services, warn });
    const watch = context.watchSignals({ print: () => {}, warn: () => {} });
    try {
      const taken = await listen(app, { host, port });
      print(`${[...named.keys()].join(", ")} at http://${host}:${taken}/v1 (ctrl-c ends it)`);
      if (!watch.signal.aborted) await once(watch.signal, "abort");
    } finally {
      watch.release();
      await app.close();
    }
  } finally {
    for (const service of services) await service.close();
  }
}

/** @throws {InputError} for two models of one name */
function namesOf(models: readonly string[]): Map<string, string> {
  const named = new Map<string, string>();
  for (const model of models) {
    const [, given, rest] = /^([\w.-]+)=(.+)$/.exec(model) ?? [];
    const folder = rest ?? model;
    const name = given ?? path.basename(path.resolve(folder));
    if (named.has(name)) {
      throw new InputError(
        `Cannot serve two models named ${name}: name one of them, as in other=${folder}`,
      );
    }
    named.set(name, folder);
  }
  return named;
}
