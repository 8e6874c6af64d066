/** @file Servers of two models of different prices, between which routers choose. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { after, afterEach, before } from "mocha";
import OpenAI from "openai";

import { createServer } from "../../framework/serve/createServer.ts";
import { LanguageService } from "../../framework/serve/languageService.ts";
import type { ModelPrice } from "../../framework/serve/prices/modelPrice.ts";
import type { Budget } from "../../framework/serve/routing/budget.ts";
import type { AnsweredRequest } from "../../framework/serve/routing/dispatcher.ts";
import type { Router } from "../../framework/serve/routing/router.ts";
import { cascade } from "../../framework/serve/routing/routers/cascade.ts";
import { rules } from "../../framework/serve/routing/routers/rules.ts";
import { writeSeeingModel, writeServedModel } from "./servedModel.ts";

/** What `nano` costs. */
export const small: ModelPrice = {
  prompt: 100_000n,
  cachedPrompt: 25_000n,
  completion: 400_000n,
};
/** What `full` costs. */
export const large: ModelPrice = {
  prompt: 540_000n,
  cachedPrompt: 135_000n,
  completion: 2_160_000n,
};
export const easy = [{ role: "user", content: "Hello!" }] as const;
export const hard = [{ role: "user", content: "Refactor this code, step by step." }] as const;

/** What an answer's body tells of who gave it. */
export interface Routing {
  readonly model: string;
  readonly requested: string;
  readonly reason: string;
  readonly router: string | null;
  readonly score: number | null;
  readonly cost_picodollars: number;
  readonly counterfactual_cost_picodollars: number;
  readonly attempts: readonly {
    readonly model: string;
    readonly prompt_tokens: number;
    readonly cached_tokens: number;
    readonly completion_tokens: number;
    readonly cost_picodollars: number;
  }[];
}

export const routingOf = (body: object): Routing => Object(body).routing;

export interface RoutedServerOptions {
  /** Which model sees pictures. Default: none. */
  readonly seeing?: string;
  /** The first one is `auto`. */
  readonly routers?: readonly Router[];
  readonly budget?: Budget;
  readonly models?: readonly string[];
}

export interface RoutedServers {
  /** Starts to listen; the test's end closes it. */
  readonly serve: (options?: RoutedServerOptions) => Promise<OpenAI>;
  readonly stop: () => Promise<void>;
  /** By the server that was started last. */
  readonly answered: readonly AnsweredRequest[];
  /** Texts of the models that see nothing. */
  readonly running: () => number;
  /** Waits until no text is running. */
  readonly expectIdle: () => Promise<void>;
}

/** Servers of `full` and `nano`, one at a time, for the tests of the enclosing `describe`. */
export function routedServers(): RoutedServers {
  let folder = "";
  const services: LanguageService[] = [];
  const seeing: LanguageService[] = [];
  let app: FastifyInstance | undefined;
  const answered: AnsweredRequest[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "routed-"));
    for (const [i, name] of ["full", "nano"].entries()) {
      await writeServedModel(path.join(folder, name), 5 + i);
      services.push(open(name));
    }
  });
  const stop = async (): Promise<void> => {
    await app?.close();
    app = undefined;
  };
  afterEach(stop);
  after(async () => {
    for (const service of [...services, ...seeing]) await service.close();
    rmSync(folder, { recursive: true });
  });

  function open(name: string, own = name): LanguageService {
    return LanguageService.open(path.join(folder, own), { name, rows: 2, drawSeed: () => 1 });
  }

  async function seeingModel(name: string): Promise<LanguageService> {
    const known = seeing.find((each) => each.name === name);
    if (known) return known;
    const own = `seeing-${name}`;
    await writeSeeingModel(path.join(folder, own));
    const service = open(name, own);
    seeing.push(service);
    return service;
  }

  async function serve(options: RoutedServerOptions = {}): Promise<OpenAI> {
    const { routers = [rules(), cascade()], budget, models = ["full", "nano"] } = options;
    const own = services.filter(({ name }) => models.includes(name));
    answered.length = 0;
    app = createServer({
      services: await Promise.all(
        own.map(async (each) => (each.name === options.seeing ? seeingModel(each.name) : each)),
      ),
      routing: {
        prices: new Map([
          ["nano", small],
          ["full", large],
        ]),
        ...{ routers, budget, auto: { router: routers[0]!, threshold: routers[0]!.threshold } },
      },
      onAnswered: (each) => answered.push(each),
      warn: () => {},
    });
    const baseURL = `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1`;
    return new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  }

  const running = (): number =>
    services.reduce((sum, { scheduler }) => sum + scheduler.report().running, 0);

  async function expectIdle(): Promise<void> {
    await until(() => running() === 0);
    expect(running()).to.equal(0);
  }

  return { serve, stop, answered, running, expectIdle };
}

/** Waits for what a server does meanwhile, ten seconds at most. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000 && !isSo(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
