import type { ActionAnswer } from "../../api.ts";
import { ask, AskError } from "../ask/ask.ts";
import { setToken } from "../ask/token.ts";

/**
 * Does what needs the token; a token that is refused is forgotten, so that it is asked for again.
 *
 * @returns what has been done, in words
 */
export async function act(path: string, body?: object): Promise<string> {
  try {
    return (await ask<ActionAnswer>(path, { method: "POST", body })).message;
  } catch (error) {
    if (error instanceof AskError && error.status === 403) setToken("");
    throw error;
  }
}
