import { ApiError } from "../apiError.ts";
import type { ContentPart, ConversationItem, RequestedItem } from "./responseItems.ts";
import type { ResponseInput } from "./responseRequest.ts";

const prefixes = { message: "msg", function_call: "fc", function_call_output: "fco" } as const;

/** The nth item of a response; says whose it is, so that it can be found again. */
export function itemId(prefix: "msg" | "fc" | "fco", responseId: string, index: number): string {
  const [, key] = responseId.split("_");
  return `${prefix}_${key}${index.toString(16).padStart(4, "0")}`;
}

/** The response that an item belongs to, if its id was made here. */
export function responseOfItem(id: string): string | undefined {
  const [, key] = /^(?:msg|fc|fco)_([0-9a-f]{48})[0-9a-f]{4,}$/.exec(id) ?? [];
  return key === undefined ? undefined : `resp_${key}`;
}

/**
 * Items that a request brings, each with an id.
 *
 * @param find an item that is kept, by its id
 * @throws {ApiError} for items that are not followed here, or not there
 */
export function inputItems(
  { input, previous_response_id: previous }: ResponseInput,
  responseId: string,
  find: (id: string) => ConversationItem | undefined,
): ConversationItem[] {
  if (typeof input === "string") {
    return [wholeItem({ role: "user", content: input }, responseId, 0)];
  }
  const items = input ?? [];
  if (items.length === 0 && !previous) {
    throw new ApiError("Missing required parameter: 'input'.", {
      ...{ param: "input", code: "missing_required_parameter" },
    });
  }
  return items.map((item, i) => wholeItem(resolved(item, i, find), responseId, i));
}

function resolved(
  item: RequestedItem,
  place: number,
  find: (id: string) => ConversationItem | undefined,
): ConversationItem {
  switch (item.type) {
    case undefined:
    case "message":
    case "function_call":
    case "function_call_output":
      return item;
    case "item_reference": {
      const found = find(item.id);
      if (found) return found;
      throw new ApiError(`Item with id '${item.id}' not found.`, { status: 404, param: "input" });
    }
    default:
      item satisfies never;
      throw new ApiError(
        `Items of type '${String(Object(item).type)}' are not supported by this server.`,
        { param: `input[${place}].type`, code: "unsupported_parameter" },
      );
  }
}

function wholeItem(item: ConversationItem, responseId: string, index: number): ConversationItem {
  const { type = "message" } = item;
  const id = item.id ?? itemId(prefixes[type], responseId, index);
  if (item.type === "function_call" || item.type === "function_call_output") {
    return { ...item, id, status: item.status ?? "completed" };
  }
  const status = item.status ?? "completed";
  return { ...item, type: "message", id, status, content: partsOf(item.role, item.content) };
}

function partsOf(role: string, content: string | readonly ContentPart[]): readonly ContentPart[] {
  if (typeof content !== "string") return content;
  return role === "assistant"
    ? [{ type: "output_text", text: content, annotations: [] }]
    : [{ type: "input_text", text: content }];
}
