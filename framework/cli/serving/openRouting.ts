import path from "node:path";

import { InputError } from "../../base/errors.ts";
import { ApiError } from "../../serve/apiError.ts";
import type { ModelPrice } from "../../serve/prices/modelPrice.ts";
import { readPriceTable } from "../../serve/prices/priceTable.ts";
import { Budget, readBudget } from "../../serve/routing/budget.ts";
import type { RoutingOptions } from "../../serve/routing/dispatcher.ts";
import { readRouterName } from "../../serve/routing/modelName.ts";
import type { Router, RouterChoice } from "../../serve/routing/router.ts";
import { cascade } from "../../serve/routing/routers/cascade.ts";
import { rules } from "../../serve/routing/routers/rules.ts";
import { winRate } from "../../serve/routing/routers/winRate.ts";
import { readRouterFolder } from "../../serve/routing/winRate/routerFolder.ts";

export interface OpenRoutingOptions {
  /** A file of prices; without it nothing is charged and nobody chooses. */
  readonly prices?: string | undefined;
  /** Folder of a router that was trained. */
  readonly router?: string | undefined;
  /** What `auto` is, such as `cascade` or `rules-0.3`. */
  readonly auto?: string | undefined;
  /** Such as `0.50/day`. */
  readonly budget?: string | undefined;
  /** Where a budget's journal is kept. */
  readonly folder: string;
  /** Names of the models that are served. */
  readonly models: readonly string[];
  readonly warn: (line: string) => void;
}

/**
 * What a server charges, and who chooses its models.
 *
 * @throws {InputError | SpecError} for files and options that are wrong
 */
export function openRouting(options: OpenRoutingOptions): RoutingOptions | undefined {
  const { prices: file, router: folder, auto, budget: limit, models } = options;
  if (file === undefined) {
    const [needing] =
      Object.entries({ router: folder, auto, budget: limit }).find(
        ([, value]) => value !== undefined,
      ) ?? [];
    if (needing === undefined) return undefined;
    throw new InputError(`Cannot serve models with --${needing}: expected --prices too, got none`);
  }
  const prices = readPriceTable(file);
  checkPrices(prices, file, models);
  const learnt = folder === undefined ? undefined : readRouterFolder(folder);
  const routers: readonly Router[] = [
    ...(learnt ? [winRate(learnt.model, learnt.thresholds.winRate)] : []),
    rules(),
    cascade(learnt && { threshold: learnt.thresholds.cascade }),
  ];
  const chosen = auto === undefined ? ownChoice(routers) : readAuto(auto, routers);
  const budget = limit === undefined ? undefined : openBudget(limit, options);
  return { prices, routers, auto: chosen, budget };
}

function checkPrices(
  prices: ReadonlyMap<string, ModelPrice>,
  file: string,
  models: readonly string[],
): void {
  const missing = models.find((name) => !prices.has(name));
  if (missing === undefined) return;
  throw new InputError(
    `Cannot serve ${missing} with prices of ${file}: expected its price, got those of ${[...prices.keys()].join(", ")}; add it, or name the model as in ${[...prices.keys()][0] ?? "NAME"}=FOLDER`,
  );
}

/** One that was trained, else the rules. */
function ownChoice([router]: readonly Router[]): RouterChoice {
  return { router: router!, threshold: router!.threshold };
}

function readAuto(auto: string, routers: readonly Router[]): RouterChoice {
  try {
    const choice = readRouterName(auto.startsWith("router-") ? auto : `router-${auto}`, routers);
    if (choice) return choice;
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    throw new InputError(`Cannot route requests by --auto ${auto}: ${cause.message}`, { cause });
  }
  throw new InputError(
    `Cannot route requests by --auto ${auto}: expected a router's name, also with a threshold, such as cascade or rules-0.3`,
  );
}

function openBudget(
  text: string,
  { folder, warn }: Pick<OpenRoutingOptions, "folder" | "warn">,
): Budget {
  const file = path.join(folder, "serve-budget.jsonl");
  return new Budget({ ...readBudget(text), file, now: () => Date.now(), warn });
}
