import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

const packageName = "seedbed";

/** What each folder may import besides itself, bottom-up: a folder appears after everything it uses. */
const mayImport: Record<string, readonly string[]> = {
  "framework/base": [],
  "framework/spec": ["framework/base"],
  "framework/tracking": ["framework/base", "framework/spec"],
  "framework/graph": ["framework/base"],
  "framework/onnx": ["framework/base", "framework/graph"],
  "framework/runtime": ["framework/base"],
  "framework/wasm": ["framework/base", "framework/graph"],
  "framework/backend": [
    "framework/base",
    "framework/graph",
    "framework/onnx",
    "framework/runtime",
    "framework/wasm",
  ],
  "framework/distributed": ["framework/base"],
  "framework/nn": ["framework/base"],
  "framework/optim": ["framework/base"],
  "framework/weights": ["framework/base"],
  "framework/tokenizers": ["framework/base"],
  "framework/adapters": [
    "framework/base",
    "framework/nn",
    "framework/weights",
    "framework/tokenizers",
  ],
  "framework/data": ["framework/base", "framework/weights", "framework/tokenizers"],
  "framework/models": ["framework/base", "framework/nn"],
  "framework/pruning": ["framework/base", "framework/nn", "framework/models"],
  "framework/distillation": ["framework/base", "framework/nn"],
  "framework/diffusion": ["framework/base"],
  "framework/pipelines": [
    "framework/base",
    "framework/nn",
    "framework/weights",
    "framework/tokenizers",
    "framework/models",
    "framework/diffusion",
  ],
  "framework/training": [
    "framework/base",
    "framework/distributed",
    "framework/tracking",
    "framework/nn",
    "framework/optim",
    "framework/weights",
    "framework/data",
  ],
  "framework/export": [
    "framework/base",
    "framework/tracking",
    "framework/weights",
    "framework/adapters",
    "framework/models",
    "framework/diffusion",
    "framework/pipelines",
    "framework/training",
  ],
  "framework/interop": ["framework/base", "framework/training"],
  "framework/report": ["framework/base", "framework/data"],
  "framework/experiment": [
    "framework/base",
    "framework/distributed",
    "framework/spec",
    "framework/tracking",
    "framework/optim",
    "framework/weights", // files of a model that a run is made from
    "framework/training",
    "framework/report",
  ],
  "framework/launch": ["framework/base", "framework/spec"],
  "framework/sweep": ["framework/base", "framework/spec", "framework/tracking", "framework/launch"],
  "framework/decode": [
    "framework/base",
    "framework/graph", // the program that a model is written as
    "framework/onnx",
    "framework/runtime",
    "framework/nn", // frequencies of rotary embeddings
    "framework/weights", // files of quantized models
    "framework/models", // settings of a language model
  ],
  "framework/constrained": ["framework/base"],
  "framework/web": ["framework/base"], // what servers and pages of several programs share
  "framework/serve": [
    "framework/base",
    "framework/spec", // files of prices
    "framework/tracking", // what was answered, as a run
    "framework/weights", // models' folders
    "framework/tokenizers",
    "framework/data", // frames of pictures
    "framework/models",
    "framework/constrained",
    "framework/decode",
    "framework/web",
  ],
  "framework/store": ["framework/base", "framework/spec", "framework/tracking"],
  "framework/dashboard": [
    "framework/base",
    "framework/spec",
    "framework/tracking",
    "framework/report",
    "framework/launch",
    "framework/sweep",
    "framework/store",
    "framework/web",
  ],
};
const library = Object.keys(mayImport);
const engine = [
  ...["framework/graph", "framework/onnx", "framework/runtime", "framework/wasm"],
  "framework/backend",
];
mayImport["framework"] = library.filter((folder) => !engine.includes(folder)); // index.ts
mayImport["framework/cli"] = ["framework", ...library];
mayImport["callbacks"] = [packageName];
/**
 * An experiment imports no other, but for the data and modules that textToImage shares, and those of
 * nano, whose models others of its chain change.
 */
const experimentMayImport = [
  ...[packageName, "callbacks"],
  ...["experiments/textToImage", "experiments/nano"],
];

const importPattern =
  /^(?:import|export)\s(?:[\w*{}\s,$]+\sfrom\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']/gm;

/** `framework/onnx/lowerings/x.ts` belongs to `framework/onnx`, `callbacks/x.ts` to `callbacks`. */
function folderOf(file: string): string {
  const parts = path.dirname(file).split(path.sep);
  return parts.slice(0, parts[0] === "callbacks" ? 1 : 2).join("/");
}

function allowedFor(folder: string): readonly string[] | undefined {
  return folder.startsWith("experiments/") ? experimentMayImport : mayImport[folder];
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .toSorted()
    .map((name) => path.join(folder, name));
}

function* repoImports(file: string): Generator<string> {
  for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
    const specifier = match[1] ?? match[2] ?? "";
    if (specifier.startsWith(".")) yield folderOf(path.join(path.dirname(file), specifier));
    if (specifier === packageName || specifier.startsWith(`${packageName}/`)) yield specifier;
  }
}

/** What a module loads first: files of ours and packages, without what it imports types of alone. */
function* loadedImports(file: string): Generator<string> {
  for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
    const [statement, specifier] = match;
    const names = /^(?:import|export)\s*\{([^}]*)\}/.exec(statement)?.[1]?.split(",");
    const isOfTypes =
      /^(?:import|export)\s+type\s/.test(statement) ||
      names?.every((name) => /^\s*(?:type\s|$)/.test(name)) === true;
    if (specifier !== undefined && !isOfTypes) yield specifier;
  }
}

/** All that a module loads before it runs. */
function loaded(first: string): Map<string, readonly string[]> {
  const seen = new Map<string, readonly string[]>();
  const waiting = [first];
  for (const file of waiting) {
    if (seen.has(file)) continue;
    const specifiers = [...loadedImports(file)];
    seen.set(file, specifiers);
    const own = specifiers.filter((specifier) => specifier.startsWith("."));
    waiting.push(...own.map((specifier) => path.join(path.dirname(file), specifier)));
  }
  return seen;
}

/** Files that load each other, the first of them again at the end; undefined if none do. */
function loadingCircle(files: readonly string[]): readonly string[] | undefined {
  const known = new Set<string>();
  const walk = (file: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (known.has(file)) return undefined;
    for (const specifier of loadedImports(file)) {
      if (!specifier.startsWith(".")) continue;
      const circle = walk(path.join(path.dirname(file), specifier), [...above, file]);
      if (circle) return circle;
    }
    known.add(file);
    return undefined;
  };
  for (const file of files) {
    const circle = walk(file, []);
    if (circle) return circle;
  }
  return undefined;
}

describe("architecture", () => {
  const files = ["framework", "callbacks", "experiments"].flatMap(sourceFiles);

  for (const file of files) {
    it(`${file} imports only what its folder may`, () => {
      const folder = folderOf(file);
      const may = allowedFor(folder);
      expect(may, `folder ${folder}, to be declared in this file`).to.not.equal(undefined);
      const allowed = new Set([folder, ...(may ?? [])]);
      expect([...repoImports(file)].filter((target) => !allowed.has(target))).to.deep.equal([]);
    });
  }

  it("lists each folder after everything it uses", () => {
    for (const [i, folder] of library.entries()) {
      const above = new Set(library.slice(0, i));
      expect(
        (mayImport[folder] ?? []).filter((used) => !above.has(used)),
        folder,
      ).to.deep.equal([]);
    }
  });

  it("has no files that load each other", () => {
    expect(loadingCircle(files)?.join(" -> ")).to.equal(undefined);
  });

  for (const file of ["framework/cli/main.ts", "framework/cli/serving/serveModels.ts"]) {
    it(`${file} begins without TF.js`, () => {
      const using = [...loaded(file)].filter(([, specifiers]) =>
        specifiers.includes("@tensorflow/tfjs"),
      );
      expect(using.map(([name]) => name)).to.deep.equal([]);
    });
  }

  it("draws every random number from framework/base/random.ts", () => {
    const using = files.filter((file) => /\bMath\.random\(/.test(readFileSync(file, "utf8")));
    expect(using).to.deep.equal([]);
  });
});
