import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach } from "mocha";

/** A fresh folder for each test of the enclosing `describe`, removed after it. */
export function temporaryFolder(): {
  path(...parts: string[]): string;
  write: WriteFiles;
  /** Empties it. */
  clear(): void;
} {
  let folder = "";
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "seedbed-")));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path(...parts) {
      if (folder !== "") return path.join(folder, ...parts);
      throw new Error("Cannot use a test's folder before the first test: it is made before each");
    },
    clear() {
      for (const name of readdirSync(folder)) {
        rmSync(path.join(folder, name), { recursive: true, force: true });
      }
    },
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), text);
      }
    },
  };
}

/** Relative path to text; missing folders are made. */
export type WriteFiles = (files: Readonly<Record<string, string>>) => void;
