/** @file Makes one script of TF.js's test suite, our backend and TF.js. */
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** Below node_modules, whence the script finds the packages that stay outside of it. */
const folder = "node_modules/.cache/seedbed";
/** Packages with native code, and the one that the suite must share with whoever starts it. */
const external = ["koffi", "onnxruntime-node", "jasmine-core"];
/** In both forms of TF.js's packages the file that holds the engine, of which there must be one. */
const engineFile = /tfjs-core\/dist\/(?:engine\.js|tf-core.*\.js)$/;

/** The suite imports TF.js as ES modules, our backend as a package: both become one copy. */
export async function bundleSuite(): Promise<string> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const outfile = path.join(root, folder, "conformance.mjs");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["test/conformance/suite.ts"],
    outfile,
    bundle: true,
    metafile: true,
    platform: "node",
    format: "esm",
    target: "node20",
    mainFields: ["module", "main"],
    external,
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "error",
    ignoreAnnotations: true, // TF.js calls its tests free of side effects
    // The suite asks by `require` what Node has.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module";\nconst require = requireFrom(import.meta.url);',
    },
  });
  const engines = Object.keys(metafile.inputs).filter((file) => engineFile.test(file));
  if (engines.length === 1) return outfile;
  throw new Error(
    `Cannot bundle the suite: expected one copy of TF.js's engine, got ${engines.join(", ") || "none"}`,
  );
}
