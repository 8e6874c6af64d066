import { shown } from "../base/shown.ts";

/** Sixty times as many as the largest vocabularies have: a list of tokens has a place for each. */
const mostTokens = 2 ** 24;

/**
 * @param tokenizer content of `tokenizer.json`
 * @throws {RangeError} naming a token whose id is none, or takes all memory
 */
export function checkTokenIds(tokenizer: object): void {
  const { model, added_tokens: added }: { model?: unknown; added_tokens?: unknown } = tokenizer;
  const { vocab }: { vocab?: unknown } = Object(model);
  if (typeof vocab === "object" && vocab !== null && !Array.isArray(vocab)) {
    for (const [token, id] of Object.entries(vocab)) checkId(token, id);
  }
  for (const each of Array.isArray(added) ? added : []) {
    const { content, id }: { content?: unknown; id?: unknown } = Object(each);
    checkId(content, id);
  }
}

function checkId(token: unknown, id: unknown): void {
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < mostTokens) return;
  throw new RangeError(
    `the id of ${shown(token)} must be an integer from 0 to ${mostTokens - 1}, got ${shown(id)}`,
  );
}
