import { parseLooseJson } from "../../tracking/wandb/json.ts";

/** Undefined for what is no JSON of W&B's. */
export function parseQuietly(text: string): unknown {
  try {
    return parseLooseJson(text);
  } catch {
    return undefined;
  }
}
