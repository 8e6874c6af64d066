import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { runCommand } from "../../support/runCommand.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const packageFolder = path.resolve(import.meta.dirname, "../../..");
const cliFolder = path.join(packageFolder, "test/fixtures/cli");

const start = path.join(packageFolder, "framework/start/bundle.mjs");
describe("the bundle", () => {
  let entries: readonly string[];
  before(async () => {
    ({ entries } = await import(pathToFileURL(start).href));
  });

  describe("the entries of the bundle", () => {
    const framework = path.join(packageFolder, "framework");

    it("are files", () => {
      const missing = entries.filter((entry) => !existsSync(path.join(framework, `${entry}.ts`)));
      expect(missing).to.deep.equal([]);
    });

    it("have all that threads begin with", () => {
      const files = readdirSync(framework, { recursive: true, encoding: "utf8" });
      const begun = files
        .filter((file) => file.endsWith(".ts"))
        .flatMap((file) => [
          ...readFileSync(path.join(framework, file), "utf8").matchAll(
            /(?:startThread|AskedThread)\(\s*"([^"]+)"/g,
          ),
        ]);
      expect(begun).to.have.length.above(3);
      expect(entries).to.include.members(begun.map(([, entry]) => entry));
    });
  });

  describe("importEntry()", () => {
    const folder = temporaryFolder();

    /** A framework that says where it is. */
    function writePackage(greeting: string): void {
      folder.write({
        ...Object.fromEntries(entries.map((entry) => [`framework/${entry}.ts`, "export {};\n"])),
        "package.json": '{ "type": "module" }',
        "framework/start/run.mjs": `import { importEntry } from "./bundle.mjs";
  await importEntry("cli/main");
  `,
        "framework/cli/greeting.ts": `export const greeting: string = "${greeting}";\n`,
        "framework/cli/main.ts": `import { greeting } from "./greeting.ts";
  declare const SEEDBED_CHUNK: string | undefined;
  const isBundle = typeof SEEDBED_CHUNK !== "undefined";
  console.log(JSON.stringify({ greeting, isBundle, folder: import.meta.dirname, url: import.meta.url }));
  `,
      });
      copyFileSync(start, folder.path("framework/start/bundle.mjs"));
    }

    function linkPackages(): void {
      mkdirSync(folder.path("node_modules"));
      for (const name of ["esbuild", "tsx"]) {
        symlinkSync(
          path.join(packageFolder, "node_modules", name),
          folder.path("node_modules", name),
        );
      }
    }

    function run(): Record<string, unknown> {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [folder.path("framework/start/run.mjs")],
        { encoding: "utf8" },
      );
      expect(stderr).to.equal("");
      return JSON.parse(stdout);
    }

    it("runs a bundle that knows where its modules would be, and makes it once", () => {
      writePackage("hello");
      linkPackages();
      const said = {
        greeting: "hello",
        isBundle: true,
        folder: folder.path("framework/cli"),
        url: `file://${folder.path("framework/cli/main.ts")}`,
      };
      expect([run(), run()]).to.deep.equal([said, said]);
      expect(readdirSync(folder.path("node_modules/.cache/seedbed"))).to.have.lengthOf(1);
    });

    it("sees that a file has changed", () => {
      writePackage("hello");
      linkPackages();
      run();
      writePackage("good evening");
      expect(run()["greeting"]).to.equal("good evening");
    });

    it("runs the files as they are where no bundle can be kept", () => {
      writePackage("hello");
      linkPackages();
      folder.write({ "node_modules/.cache": "no folder" });
      expect(run()).to.include({ greeting: "hello", isBundle: false });
    });
  });
});

describe("a program that runs as a bundle", () => {
  const folder = temporaryFolder();

  it("gives experiments its own copy of the framework, and names files of the source in a stack", async () => {
    folder.write({ "broken.yaml": "experiment: broken\n" });
    const args = ["run", folder.path("broken.yaml"), "--runs", folder.path("runs")];
    const { code, text } = await runCommand(args, cliFolder);
    expect(code).to.equal(1);
    expect(text).to.match(
      /Error: the experiment has a mistake\n.*experiments\/broken\/experiment.ts:7/,
    );
    expect(text)
      .to.match(/framework\/cli\/startRun.ts:\d+/)
      .and.not.contain(".cache/seedbed/framework-");
  });
});
