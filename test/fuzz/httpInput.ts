import type { FastifyInstance, InjectOptions } from "fastify";

import { InputError } from "../../framework/base/errors.ts";
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

/** Asks a server, and takes down what it says of errors that were its own: each is a failure. */
export class Asker {
  readonly #lines: string[] = [];
  readonly warn = (line: string): void => void this.#lines.push(line);

  /** @throws {InputError} when the server refuses the request */
  async ask(app: FastifyInstance, request: InjectOptions): Promise<unknown> {
    const { statusCode, headers, body } = await app.inject(request);
    const [line] = this.#lines.splice(0);
    if (line !== undefined) throw Object.assign(new Error("The server failed"), { stack: line });
    if (statusCode < 400) return [statusCode, headers];
    throw new InputError(`Cannot answer: ${statusCode} ${body.slice(0, 200)}`);
  }
}
