import { readdirSync } from "node:fs";
import path from "node:path";

/** Specs that can be run, and sweeps, of the project in a directory; with forward slashes. */
export function projectFiles(directory: string): { specs: string[]; sweeps: string[] } {
  const specs = yamlFiles(directory, "configs").filter((file) => !file.startsWith("configs/base/"));
  return { specs, sweeps: yamlFiles(directory, "sweeps") };
}

function yamlFiles(directory: string, folder: string): string[] {
  try {
    const names = readdirSync(path.join(directory, folder), { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => /\.ya?ml$/.test(name)).toSorted();
    return files.map((name) => [folder, ...name.split(path.sep)].join("/"));
  } catch {
    return []; // no such folder
  }
}
