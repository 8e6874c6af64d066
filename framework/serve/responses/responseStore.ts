import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { isJsonObject, parseJson } from "../../base/json.ts";
import type { StreamEvent } from "../eventStream.ts";
import type { ResponseBody } from "./responseBody.ts";
import type { ConversationItem } from "./responseItems.ts";

/** A response that is kept. */
export interface StoredResponse {
  readonly body: ResponseBody;
  /** Items that its own request brought, with their ids. */
  readonly input: readonly ConversationItem[];
  /** Stands for who alone may see it: no name, which may be a secret. */
  readonly owner: string;
  /** Of a response that can be followed later on. */
  readonly events?: readonly StreamEvent[];
}

export interface ResponseStoreOptions {
  /** Belongs to one server at a time. */
  readonly folder: string;
  /** Most responses. Default: 10 000. */
  readonly mostResponses?: number;
  /** Most bytes of all of them. Default: 1 GiB. */
  readonly mostBytes?: number;
}

const responseId = /^resp_[0-9a-f]{48}$/;
const fileName = /^(resp_[0-9a-f]{48})\.json$/;

/**
 * Responses on disk, one file each, written whole. Where there are too many, those that were not used
 * for longest go; whoever continues a conversation uses all of it.
 */
export class ResponseStore {
  readonly #folder: string;
  readonly #mostResponses: number;
  readonly #mostBytes: number;
  /** Sizes in bytes, by id; the last used is the last. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor({ folder, mostResponses = 10_000, mostBytes = 2 ** 30 }: ResponseStoreOptions) {
    this.#folder = folder;
    this.#mostResponses = mostResponses;
    this.#mostBytes = mostBytes;
    mkdirSync(folder, { recursive: true });
    for (const { id, bytes } of this.#found()) this.#note(id, bytes);
    this.#drop();
  }

  get(id: string): StoredResponse | undefined {
    if (!this.#sizes.has(id)) return undefined;
    const stored = parsed(readText(this.#file(id)));
    if (stored) this.#use(id);
    else this.#forget(id);
    return stored;
  }

  put(stored: StoredResponse): void {
    const { id } = stored.body;
    if (!responseId.test(id)) throw new RangeError(`Cannot keep response ${id}: it is no id`);
    const text = JSON.stringify(stored);
    writeFileAtomic(this.#file(id), text);
    this.#note(id, Buffer.byteLength(text));
    this.#drop();
  }

  /** @returns whether it was there */
  delete(id: string): boolean {
    if (!this.#sizes.has(id)) return false;
    rmSync(this.#file(id), { force: true });
    this.#forget(id);
    return true;
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** Files by their last use, and none of those that a crash left. */
  #found(): { id: string; bytes: number }[] {
    const names = readdirSync(this.#folder);
    for (const name of names) {
      const isLeft = name.startsWith("resp_") && name.endsWith(".tmp");
      if (isLeft) rmSync(path.join(this.#folder, name), { force: true });
    }
    return names
      .flatMap((name) => fileName.exec(name)?.[1] ?? [])
      .map((id) => ({ id, stat: statSync(this.#file(id)) }))
      .toSorted((a, b) => a.stat.mtimeMs - b.stat.mtimeMs)
      .map(({ id, stat }) => ({ id, bytes: stat.size }));
  }

  #note(id: string, bytes: number): void {
    this.#forget(id);
    this.#sizes.set(id, bytes);
    this.#bytes += bytes;
  }

  #forget(id: string): void {
    this.#bytes -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }

  #use(id: string): void {
    this.#note(id, this.#sizes.get(id) ?? 0);
    const now = new Date();
    utimesSync(this.#file(id), now, now);
  }

  #drop(): void {
    for (const id of this.#sizes.keys()) {
      const isFull = this.#sizes.size > this.#mostResponses || this.#bytes > this.#mostBytes;
      if (!isFull || this.#sizes.size === 1) return;
      this.delete(id);
    }
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // somebody has taken it away
  }
}

function parsed(text: string): StoredResponse | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value) || !isJsonObject(value["body"])) return undefined;
  const stored: StoredResponse = Object(value);
  return stored;
}
