/**
 * @file The framework in a few files of JavaScript. Node loads a thousand modules of TypeScript one by one
 * through the thread of a loader, which takes longer than many a command does; these it loads at once. In
 * JavaScript, as what decides whether TypeScript is loaded.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const framework = path.resolve(import.meta.dirname, "..");
const cache = path.resolve(framework, "../node_modules/.cache/seedbed");

/** What a process or a thread begins with, below `framework`. */
export const entries = [
  "index",
  "cli/main",
  "data/loaderThreadMain",
  "serve/pictures/pictureThreadMain",
  "tokenizers/tokenizerThreadMain",
  "tracking/wandb/onlineWorker",
  "training/checkpointThreadMain",
];

const keptMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Where the bundle of the framework's files as they are now is; made if it is not there yet.
 *
 * @returns {Promise<string | undefined>} a folder with a `.js` for each of the entries; undefined where it
 *   cannot be made, such as in a package that may not be written to
 */
export async function findBundle() {
  try {
    const folder = path.join(cache, `framework-${sourcesKey()}`);
    if (!existsSync(folder)) await makeBundle(folder);
    const now = new Date();
    utimesSync(folder, now, now); // for `removeUnused`
    return folder;
  } catch {
    return undefined;
  }
}

/** Of one folder: what is beside one file is beside all. */
const fileName = (entry) => entry.replaceAll("/", "-");

/** Changes with each file of the framework and with what makes the bundle. */
function sourcesKey() {
  const hash = createHash("sha256");
  const { version } = createRequire(import.meta.url)("esbuild/package.json");
  hash.update(`${framework}\0${version}\0`);
  const files = readdirSync(framework, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?tsx?$|\.mjs$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const { mtimeNs, size } = statSync(file, { bigint: true });
    hash.update(`${file}\0${mtimeNs}\0${size}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** @param {string} folder which is whole when it is there */
async function makeBundle(folder) {
  const beside = await writeBundle();
  try {
    for (const name of readdirSync(beside)) sync(path.join(beside, name), "r+");
    if (process.platform !== "win32") sync(beside, "r"); // as in base/atomicFile.ts
    renameSync(beside, folder);
  } catch (cause) {
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(folder)) throw cause; // else another process was faster
  }
  removeUnused();
}

/** Has a file or folder outlast a loss of power. */
function sync(place, flags) {
  const handle = openSync(place, flags);
  fsyncSync(handle);
  closeSync(handle);
}

let building = Promise.resolve();

/**
 * Bundles the framework, and what else a process may begin with, into a new folder. It is the caller's;
 * what is left is removed with unused bundles.
 *
 * @param {readonly { in: string, out: string }[]} more files of TypeScript, and their names there
 * @returns {Promise<string>} the folder
 */
export function writeBundle(more = []) {
  const made = building.then(() => buildFolder(more)); // its end stops what builds
  building = made.then(
    () => {},
    () => {},
  );
  return made;
}

async function buildFolder(more) {
  const { build, stop } = await import("esbuild");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, "making-"));
  const own = entries.map((entry) => ({
    in: path.join(framework, `${entry}.ts`),
    out: fileName(entry),
  }));
  try {
    await build({
      entryPoints: [...own, ...more],
      outdir: folder,
      alias: { seedbed: path.join(framework, "index.ts") },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      packages: "external",
      keepNames: true,
      sourcemap: "external",
      sourcesContent: false,
      define: { SEEDBED_CHUNK: "import.meta.url" },
      tsconfigRaw: {},
      logLevel: "silent",
      plugins: [sourcePlaces],
    });
    return folder;
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  } finally {
    void stop(); // its process would stay as long as this one
  }
}

/** Lets modules know where they would be: other files lie beside them. */
const sourcePlaces = {
  name: "source-places",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const source = readFileSync(file, "utf8");
      if (!source.includes("import.meta")) return undefined;
      const contents = source
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(file).href))
        .replaceAll("import.meta.dirname", JSON.stringify(path.dirname(file)));
      return { contents, loader: "ts" };
    });
  },
};

/** Bundles of files that have changed since; not those that a process may still load parts of. */
function removeUnused() {
  const oldest = Date.now() - keptMs;
  for (const name of readdirSync(cache)) {
    if (!/^(framework|making)-/.test(name)) continue;
    const folder = path.join(cache, name);
    const found = statSync(folder, { throwIfNoEntry: false }); // another process may have removed it
    if (found && found.mtimeMs < oldest) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Imports one of the entries as a bundle, else as it is.
 *
 * @param {string} entry such as `cli/main`
 */
export async function importEntry(entry) {
  const folder = await findBundle();
  if (folder !== undefined) {
    await import(pathToFileURL(path.join(folder, `${fileName(entry)}.js`)).href);
    return;
  }
  const { register } = await import("tsx/esm/api");
  register({ tsconfig: false });
  await import(pathToFileURL(path.join(framework, `${entry}.ts`)).href);
}
