import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { FastifyInstance } from "fastify";

import { createServer, type ServerOptions } from "../../../../framework/serve/createServer.ts";
import { addKey } from "../../../../framework/serve/keys/keyFile.ts";
import { KeyRing } from "../../../../framework/serve/keys/keyRing.ts";
import { LanguageService } from "../../../../framework/serve/languageService.ts";
import { writeServedModel } from "../../../support/servedModel.ts";

/** A server of a model that says anything, under several names; and one that asks for keys. */
export class ApiServer {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly keyedUrl: string;
  /** Of a client that may ask once a minute. */
  readonly key: string;
  readonly #folder: string;
  readonly #services: readonly LanguageService[];
  readonly #apps: readonly FastifyInstance[];

  private constructor(
    places: Pick<ApiServer, "url" | "keyedUrl" | "key">,
    folder: string,
    services: readonly LanguageService[],
    apps: readonly FastifyInstance[],
  ) {
    ({ url: this.url, keyedUrl: this.keyedUrl, key: this.key } = places);
    [this.#folder, this.#services, this.#apps] = [folder, services, apps];
  }

  /** @param names of models */
  static async start(names: readonly string[]): Promise<ApiServer> {
    const folder = mkdtempSync(path.join(tmpdir(), "api-"));
    await writeServedModel(folder);
    const services = names.map((name) =>
      LanguageService.open(folder, { name, drawSeed: () => 1, rows: 4 }),
    );
    const file = path.join(folder, "keys.json");
    const createdAt = "2026-01-02T03:04:05.000Z";
    const key = addKey(file, { name: "ada", createdAt, requestsPerMinute: 1 });
    const open = async (options: Partial<ServerOptions>): Promise<[FastifyInstance, string]> => {
      const app = createServer({ services, warn: () => {}, ...options });
      return [app, await app.listen({ host: "127.0.0.1", port: 0 })];
    };
    const [app, url] = await open({});
    const keys = new KeyRing(file, { warn: () => {} });
    const [keyed, keyedUrl] = await open({ keys, host: "0.0.0.0" });
    return new ApiServer({ url, keyedUrl, key }, folder, services, [app, keyed]);
  }

  async close(): Promise<void> {
    for (const app of this.#apps) await app.close();
    for (const service of this.#services) await service.close();
    rmSync(this.#folder, { recursive: true });
  }
}
