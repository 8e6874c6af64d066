import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { writeFileAtomic } from "../../base/atomicFile.ts";
import { InputError } from "../../base/errors.ts";
import { isRecord } from "../../tracking/parameters.ts";
import type { SavedView } from "../api.ts";

const fileName = "views.json";

/** Addresses that people keep under a name, in a file that can be kept with the project. */
export class SavedViews {
  readonly #file: string;

  /** @param folder of runs */
  constructor(folder: string) {
    this.#file = path.join(folder, fileName);
  }

  /** @throws {InputError} when the file is damaged */
  list(): SavedView[] {
    if (!existsSync(this.#file)) return [];
    const value = parseJson(readFileSync(this.#file, "utf8"));
    const views = isRecord(value) ? value["views"] : undefined;
    if (Array.isArray(views) && views.every(isView)) return views;
    throw new InputError(
      `Cannot read ${this.#file}: expected views with a name and an address; mend it or remove it`,
    );
  }

  /** Adds a view, in the place of one of its name. */
  put(view: SavedView): void {
    const others = this.list().filter(({ name }) => name !== view.name);
    this.#write([...others, view].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** @returns whether there was one */
  remove(name: string): boolean {
    const views = this.list();
    const others = views.filter((view) => view.name !== name);
    if (others.length < views.length) this.#write(others);
    return others.length < views.length;
  }

  #write(views: readonly SavedView[]): void {
    writeFileAtomic(this.#file, `${JSON.stringify({ views }, null, 2)}\n`);
  }
}

function isView(value: unknown): value is SavedView {
  return (
    isRecord(value) && typeof value["name"] === "string" && typeof value["address"] === "string"
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
