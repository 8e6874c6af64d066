import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

import { expect } from "chai";
import { describe, it } from "mocha";

interface LockedPackage {
  /** Absent for what comes from the registry: `.npmrc` has it left out. */
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const lock: { packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync("package-lock.json", "utf8"),
);
const own: { dependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync("package.json", "utf8"),
);
const packages = Object.entries(lock.packages).filter(([place]) => place !== "");
const nameOf = (place: string): string => place.slice(place.lastIndexOf("node_modules/") + 13);

/** Licences that ask for no more than to be named. */
const permissive = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC"];

/** Others, each with the packages that may have it, and why. */
const exceptions: Readonly<Record<string, readonly [packages: RegExp, why: string]>> = {
  "BlueOak-1.0.0": [
    /^(glob|lru-cache|minimatch|minipass|path-scurry)$/,
    "permissive as MIT, in plainer words",
  ],
  "PSF-2.0": [/^argparse$/, "Python's own, permissive"],
  "CC0-1.0": [/^railroad-diagrams$/, "public domain"],
  "(MIT OR CC0-1.0)": [/^type-fest$/, "MIT is among them"],
  "Apache-2.0 AND MIT": [/^@tensorflow\/tfjs-layers$/, "both are permissive"],
  "LGPL-3.0-or-later": [/^@img\/sharp-libvips-/, "a shared library that sharp loads, unchanged"],
  "Apache-2.0 AND LGPL-3.0-or-later": [/^@img\/sharp-win32-/, "the same for Windows"],
  "Apache-2.0 AND LGPL-3.0-or-later AND MIT": [/^@img\/sharp-wasm32$/, "the same as WebAssembly"],
  "MPL-2.0": [/^axe-core$/, "checks the dashboard's page in tests, is not distributed"],
  "CC-BY-4.0": [
    /^@iconify-json\/(emojione|twemoji)$/,
    "drawings, credited in NOTICE; for training",
  ],
};

/** Packages that would run code when they are installed, which .npmrc forbids, and why none has to. */
const withScripts: Readonly<Record<string, string>> = {
  "core-js": "prints a request for support",
  esbuild: "replaces its launcher by the platform's program, which starts as well without that",
  koffi: "builds what is there ready-made for the platforms in use",
  "onnxruntime-node": "downloads libraries for CUDA, which are not used",
  protobufjs: "compares versions and prints a warning",
  fsevents: "builds for macOS what is there ready-made",
};

/** Ready-made parts of development tools for other platforms, which the lock file only names. */
const otherPlatforms = /^@(oxfmt\/binding|oxlint\/binding|oxlint-tsgolint\/)/;

describe("dependencies", () => {
  it("have licences that ask for no more than to be named, or one of those with a reason", () => {
    const strange = packages.flatMap(([place, { license }]) => {
      const name = nameOf(place);
      if (license === undefined && otherPlatforms.test(name)) return [];
      if (license !== undefined && permissive.includes(license)) return [];
      const [allowed] = exceptions[license ?? ""] ?? [];
      return allowed?.test(name) ? [] : [`${name}: ${license}`];
    });
    expect(strange).to.deep.equal([]);
  });

  it("have the licences that the lock file says, where they are installed", () => {
    const different = packages.flatMap(([place, { license }]) => {
      if (license === undefined || !existsSync(`${place}/package.json`)) return [];
      const installed: { license?: unknown } = JSON.parse(
        readFileSync(`${place}/package.json`, "utf8"),
      );
      const isText = typeof installed.license === "string";
      return isText && installed.license !== license ? [`${nameOf(place)}: ${license}`] : [];
    });
    expect(different).to.deep.equal([]);
  });

  it("run no code when they are installed, and need none", () => {
    expect(readFileSync(".npmrc", "utf8")).to.match(/^ignore-scripts=true$/m);
    const running = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = running.map(([place]) => nameOf(place));
    expect(names.filter((name) => !Object.hasOwn(withScripts, name))).to.deep.equal([]);
  });

  it("come from the registry, each with the hash of its content", () => {
    const strange = packages.filter(
      ([place, { integrity = "", resolved }]) =>
        resolved !== undefined ||
        !(integrity.startsWith("sha512-") || otherPlatforms.test(nameOf(place))),
    );
    expect(strange.map(([place]) => place)).to.deep.equal([]);
  });

  it("are all in the bill of materials that `npm run sbom` writes", async () => {
    const run = promisify(execFile);
    const { stdout } = await run("npm", ["run", "--silent", "sbom"], { maxBuffer: 2 ** 26 });
    const bill: { bomFormat: string; components: { name: string; purl: string }[] } =
      JSON.parse(stdout);
    expect(bill.bomFormat).to.equal("CycloneDX");
    const listed = bill.components.map(({ name, purl }) => [name, purl.startsWith("pkg:npm/")]);
    for (const name of Object.keys(own.dependencies)) {
      expect(listed).to.deep.include([name, true]);
    }
  }).timeout(180_000);
});
