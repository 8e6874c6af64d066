import type { InjectOptions } from "fastify";

import { inputText } from "./fuzzTarget.ts";

const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] as const;

/** A request as a text: `POST /path`, headers line by line, an empty line, the body. */
export function requestOf(input: Uint8Array): InjectOptions & { readonly url: string } {
  const text = inputText(input);
  const end = text.indexOf("\n\n");
  const [first = "", ...lines] = text.slice(0, end < 0 ? text.length : end).split("\n");
  const [word, place = ""] = first.split(" ", 2);
  const asked = place.startsWith("/") ? place : `/${place}`;
  const url = URL.canParse(asked, "http://localhost") ? asked : "/"; // inject() sends no other
  const method = methods.find((each) => each === word) ?? "GET";
  const headers = lines.flatMap((line): [string, string][] => {
    const [name = "", value = ""] = line.split(/: ?/, 2);
    const isHeader = /^[a-z-]{1,40}$/.test(name) && /^[\t\x20-\x7e]*$/.test(value);
    return isHeader && name !== "content-length" ? [[name, value]] : [];
  });
  const body = end < 0 ? undefined : text.slice(end + 2);
  return { method, url, headers: Object.fromEntries(headers), ...(body && { payload: body }) };
}

/** The inverse of `requestOf`. */
export function requestInput(method: string, url: string, body?: object): Uint8Array {
  const head = `${method} ${url}\nhost: localhost`;
  const rest = body ? `\ncontent-type: application/json\n\n${JSON.stringify(body)}` : "";
  return Buffer.from(head + rest);
}

/** What the server said of errors that were its own: each is a failure. */
export class OwnErrors {
  readonly #lines: string[] = [];
  readonly warn = (line: string): void => void this.#lines.push(line);

  check(): void {
    const [line] = this.#lines.splice(0);
    if (line === undefined) return;
    const error = new Error("The server failed");
    error.stack = line;
    throw error;
  }
}
