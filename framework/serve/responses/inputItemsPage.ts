import { ApiError } from "../apiError.ts";
import type { ConversationItem } from "./responseItems.ts";

export interface PageQuery {
  /** Default: 20. */
  readonly limit?: number;
  /** Default: `desc`, the last ones first. */
  readonly order?: "asc" | "desc";
  /** Id of the item before the page's first. */
  readonly after?: string;
}

/**
 * A page of a list of items, as OpenAI's API has it.
 *
 * @throws {ApiError} for a page after an item that is not there
 */
export function inputItemsPage(
  items: readonly ConversationItem[],
  { limit = 20, order = "desc", after }: PageQuery,
): object {
  const ordered = order === "asc" ? items : items.toReversed();
  const before = after === undefined ? -1 : ordered.findIndex(({ id }) => id === after);
  if (after !== undefined && before < 0) {
    throw new ApiError(`Item with id '${after}' not found.`, { status: 404, param: "after" });
  }
  const data = ordered.slice(before + 1, before + 1 + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: before + 1 + limit < ordered.length,
  };
}
