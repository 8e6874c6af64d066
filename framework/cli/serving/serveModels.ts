import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { createServer } from "../../serve/createServer.ts";
import { KeyRing } from "../../serve/keys/keyRing.ts";
import { LanguageService } from "../../serve/languageService.ts";
import { PictureReader } from "../../serve/pictures/pictureReader.ts";
import { lockResponses } from "../../serve/responses/lockResponses.ts";
import type { AnswerLog } from "../../serve/routing/answerLog.ts";
import type { AnsweredRequest } from "../../serve/routing/dispatcher.ts";
import { isLoopback } from "../../web/server/foreignRequest.ts";
import { addressOf, listen } from "../../web/server/listen.ts";
import type { CommandContext } from "../command.ts";
import { openRouting, type OpenRoutingOptions } from "./openRouting.ts";
import { defaultKeyFile } from "./serveKeys.ts";

export interface ServeModelsOptions {
  /** Folders, each also as `NAME=FOLDER`; a name is else the folder's. */
  readonly models: readonly string[];
  readonly port: number;
  readonly host: string;
  /** Answers at a time, of each model. */
  readonly rows: number;
  /** Of keys; undefined: `serve-keys.json`, where there is one. */
  readonly keyFile: string | undefined;
  /** Whether texts may be longer than a model's window, where clients ask for it. */
  readonly streaming: boolean;
  /** What is charged, and who chooses a model. */
  readonly routing: Pick<OpenRoutingOptions, "prices" | "router" | "auto" | "budget">;
  readonly logging: LoggingOptions;
  /** Folder where responses are kept; empty: nowhere. */
  readonly responses: string;
  /** Whether pictures are fetched from private networks and this machine, too. */
  readonly allowPrivatePictures: boolean;
}

/** What is kept of answers. */
export interface LoggingOptions {
  /** Folder of all runs, and of the budget's journal. */
  readonly logDir: string;
  readonly isLogged: boolean;
  readonly hasMessages: boolean;
}

/** Serves models until a signal comes; answers that are under way then are ended first. */
export async function serveModels(
  options: ServeModelsOptions,
  context: CommandContext,
): Promise<void> {
  const { models, port, host, rows, keyFile, routing: asked, logging, responses } = options;
  const { streaming, allowPrivatePictures } = options;
  const { print, warn } = context.terminal;
  const keys = keyRing(keyFile, warn);
  if (!keys && !isLoopback(host)) {
    throw new InputError(
      `Cannot serve models on ${host}: expected an address of this machine alone, such as 127.0.0.1, since nobody is asked for a key; make one with "seedbed serve keys add NAME"`,
    );
  }
  const named = namesOf(models);
  const names = [...named.keys()];
  const { logDir, isLogged, hasMessages } = logging;
  const routing = openRouting({ ...asked, folder: logDir, models: names, warn });
  const release = responses === "" ? undefined : lockResponses(responses);
  const services: LanguageService[] = [];
  let log: AnswerLog | undefined;
  try {
    const pictures = new PictureReader({ allowsPrivateAddresses: allowPrivatePictures });
    for (const [name, folder] of named) {
      services.push(LanguageService.open(folder, { name, rows, pictures, isStreaming: streaming }));
    }
    const early: AnsweredRequest[] = []; // before there is a log
    const onAnswered = (answered: AnsweredRequest): void => {
      if (log) log.add(answered);
      else if (isLogged) early.push(answered);
    };
    const app = createServer({
      ...{ services, routing, onAnswered, host, warn },
      ...(responses !== "" && { responseStore: { folder: responses } }),
      ...(keys && { keys }),
    });
    const watch = context.watchSignals({ print: () => {}, warn: () => {} });
    try {
      const taken = await listen(app, { host, port });
      print(`${names.join(", ")} at ${addressOf(host, taken)}/v1 (ctrl-c ends it)`);
      if (isLogged) {
        const { openAnswerLog } = await import("./openAnswerLog.ts");
        const settings = { models: Object.fromEntries(named), ...asked };
        const kept = { runsFolder: logDir, settings, models: names, hasMessages };
        log = await openAnswerLog(kept, context);
        for (const each of early.splice(0)) log.add(each);
        print(`what is answered is kept in ${log.folder}`);
      }
      if (!watch.signal.aborted) await once(watch.signal, "abort");
    } finally {
      watch.release();
      await app.close();
    }
  } finally {
    for (const service of services) await service.close();
    await log?.close();
    routing?.budget?.close();
    release?.();
  }
}

/** Undefined: nobody is asked for a key. */
function keyRing(file: string | undefined, warn: (line: string) => void): KeyRing | undefined {
  if (!existsSync(file ?? defaultKeyFile)) {
    if (file === undefined) return undefined;
    throw new InputError(
      `Cannot ask for the keys of ${file}: no such file; make one with "seedbed serve keys add NAME --keys ${file}"`,
    );
  }
  const keys = new KeyRing(file ?? defaultKeyFile, { warn });
  if (keys.size === 0) warn(`${file ?? defaultKeyFile} has no keys: every request is refused`);
  return keys;
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
