import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

import { build } from "esbuild";

/** A file of the page, as the browser gets it. */
export interface PageFile {
  readonly content: Uint8Array;
  readonly type: string;
}

/** The page in memory. */
export interface PageBundle {
  readonly html: string;
  /** By name; a name has a hash of the content, so that browsers may keep the file for ever. */
  readonly files: ReadonlyMap<string, PageFile>;
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** Bundles a folder's `main.tsx` with its style sheets, minified, for its `index.html`. */
export async function bundlePage(folder: string): Promise<PageBundle> {
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, "main.tsx")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    outdir: folder,
    jsx: "automatic",
    jsxImportSource: "preact",
    tsconfigRaw: {},
    legalComments: "none",
    logLevel: "silent",
  });
  const files = new Map<string, PageFile>();
  let html = readFileSync(path.join(folder, "index.html"), "utf8");
  for (const { path: file, contents } of outputFiles) {
    const { base, ext } = path.parse(file);
    const name = hashedName(file, contents);
    files.set(name, { content: contents, type: types[ext] ?? "application/octet-stream" });
    html = html.replace(`"${base}"`, `"/assets/${name}"`);
  }
  return { html, files };
}

function hashedName(file: string, content: Uint8Array): string {
  const { name, ext } = path.parse(file);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return `${name}-${hash}${ext}`;
}
