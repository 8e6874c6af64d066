import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A place in a file of JavaScript that has a map beside it. */
const placePattern = /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g;

/**
 * A text in which places of a bundle are those of the files that it was made from. The maps are read
 * here and not by Node, which reads them for each file that it loads.
 */
export function withSourcePlaces(text: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return text.replace(placePattern, (place, url: string, line: string, column: string) => {
    if (!maps.has(url)) maps.set(url, readMap(`${fileURLToPath(url)}.map`));
    const found = maps.get(url)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!found || !("originalSource" in found)) return place;
    const file = path.resolve(path.dirname(fileURLToPath(url)), found.originalSource);
    return `${file}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

function readMap(file: string): SourceMap | undefined {
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}
