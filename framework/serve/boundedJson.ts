import type { FastifyInstance } from "fastify";

import { endOfText } from "../base/jsonText.ts";
import { ApiError } from "./apiError.ts";

/** Deepest nesting of JSON: what walks it may call itself at each level. */
const mostLevels = 100;

/**
 * Takes bodies that are JSON, and nothing else; where a route wants no body, also an empty one, whose
 * kind some clients tell nevertheless.
 */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error"); // refuses "__proto__" and the like
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    "application/json",
    { parseAs: "string" },
    (request, body, done) => {
      if (isDeeperThan(body, mostLevels)) {
        done(new ApiError(`Expected a body of at most ${mostLevels} levels of lists and objects.`));
      } else if (body === "" && request.routeOptions.schema?.body === undefined) {
        done(null, undefined);
      } else void parse(request, body, done);
    },
  );
}

/**
 * Reads JSON that a client wrote within a text.
 *
 * @throws {SyntaxError} for what is no JSON, or is nested too deeply
 */
export function parseBounded(text: string): unknown {
  if (isDeeperThan(text, mostLevels)) throw new SyntaxError(`more than ${mostLevels} levels`);
  return JSON.parse(text);
}

const quote = 0x22;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Whether lists and objects are nested more deeply, as far as that can be seen without parsing. */
export function isDeeperThan(json: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfText(json, at);
    else if (code === openList || code === openObject) {
      if (++depth > levels) return true;
    } else if (code === closeList || code === closeObject) depth--;
  }
  return false;
}
