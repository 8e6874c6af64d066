import { readPriceTable, InputError, type ModelPrice } from "seedbed";

import { openChainModel } from "../nano/chain/chainModels.ts";
import type { NanoData } from "../nano/data/buildNanoData.ts";
import { checkTokenizer } from "../nano/modelFolders.ts";
import type { AskedModel } from "./pairs.ts";

export interface ModelsSettings {
  /** Folders, also as `run:NAME`. */
  readonly weak: string;
  readonly strong: string;
  /** A file with the prices of `nano` and `full`. */
  readonly prices: string;
}

/** Two models of one tokenizer, the data's, and what they cost. */
export interface OpenedModels {
  readonly weak: AskedModel;
  readonly strong: AskedModel;
  readonly prices: { readonly weak: ModelPrice; readonly strong: ModelPrice };
}

/**
 * @param runs folder of all runs
 * @throws {InputError} for folders without a model, or with another tokenizer
 */
export function openModels(
  { weak, strong, prices }: ModelsSettings,
  data: NanoData,
  runs = "runs",
): OpenedModels {
  const models = {
    weak: openChainModel("weak", weak, runs),
    strong: openChainModel("strong", strong, runs),
  };
  for (const { folder } of Object.values(models)) checkTokenizer(folder, data);
  return { ...models, prices: readPrices(prices) };
}

/** @throws {InputError} for a file without the two prices */
export function readPrices(file: string): OpenedModels["prices"] {
  const table = readPriceTable(file);
  const [weak, strong] = [table.get("nano"), table.get("full")];
  if (weak && strong) return { weak, strong };
  throw new InputError(
    `Cannot price models by ${file}: expected prices of nano and full, got those of ${[...table.keys()].join(", ") || "none"}`,
  );
}
