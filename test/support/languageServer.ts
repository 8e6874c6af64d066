/** @file A server of the model of test/support/servedModel.ts, for tests that ask it over HTTP. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { after, afterEach, before } from "mocha";

import { createServer, type ServerOptions } from "../../framework/serve/createServer.ts";
import { LanguageService } from "../../framework/serve/languageService.ts";
import { writeServedModel } from "./servedModel.ts";

interface ChatInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestedServer {
  readonly app: FastifyInstance;
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Asks for a chat's completion; the answer is a stream by default. */
  readonly chat: (options?: object, init?: ChatInit) => Promise<Response>;
}

export interface LanguageServers {
  /** The model that all of them have. */
  readonly service: () => LanguageService;
  /** Starts to listen; the test's end closes it. */
  readonly open: (options?: Partial<ServerOptions>) => Promise<TestedServer>;
}

/** Servers of one model, called `nano`, with two rows, for the tests of the enclosing `describe`. */
export function languageServers(): LanguageServers {
  let folder = "";
  let service: LanguageService | undefined;
  const opened: { app: FastifyInstance; warned: string[] }[] = [];
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "served-"));
    await writeServedModel(folder);
    service = LanguageService.open(folder, { name: "nano", drawSeed: () => 1, rows: 2 });
  });
  afterEach(async () => {
    for (const { app, warned } of opened.splice(0)) {
      await app.close();
      expect(warned, "errors that were the server's own").to.deep.equal([]);
    }
  });
  after(async () => {
    await service?.close();
    rmSync(folder, { recursive: true });
  });
  const given = (): LanguageService => {
    if (!service) throw new Error("Cannot use the model: it has not been opened");
    return service;
  };
  return {
    service: given,
    async open(options = {}) {
      const warned: string[] = [];
      const warn = (line: string): void => void warned.push(line);
      const app = createServer({ services: [given()], warn, ...options });
      opened.push({ app, warned });
      const url = await app.listen({ host: "127.0.0.1", port: 0 });
      const chat: TestedServer["chat"] = (asked = {}, init = {}) =>
        fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          ...init,
          headers: { "content-type": "application/json", ...init.headers },
          body: JSON.stringify({ ...shortChat, ...asked }),
        });
      return { app, url, chat };
    },
  };
}

const shortChat = {
  ...{ model: "nano", stream: true, max_tokens: 4, seed: 1 },
  messages: [{ role: "user", content: "What is the capital of France?" }],
};
