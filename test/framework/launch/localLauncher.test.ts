import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { localLauncher } from "../../../framework/launch/localLauncher.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { launcherContract } from "./launcherContract.ts";

const sources = path.resolve(import.meta.dirname, "../../../framework/launch");
const importFrom = (name: string): string =>
  `import { ${name} } from ${JSON.stringify(path.join(sources, `${name}.ts`))};`;

describe("localLauncher()", () => {
  const folder = temporaryFolder();

  launcherContract(() => localLauncher({ name: "local", parallel: 1 }), folder);

  it("gives each process its part of the cores", () => {
    const threads = (parallel: number): number =>
      localLauncher({ name: "local", parallel: 1 }, { parallel }).threads;
    expect([threads(1), threads(1000)]).to.deep.equal([availableParallelism(), 1]);
  });

  it("starts processes that stop when the one that started them was killed", async () => {
    folder.write({
      "child.mts": `import { writeFileSync } from "node:fs";
${importFrom("stopWithLauncher")}
process.on("SIGTERM", () => { writeFileSync(process.argv[2] + "/stopped", ""); process.exit(0); });
stopWithLauncher("channel");
setInterval(() => {}, 1000);
console.log("ready");
`,
      "parent.mts": `${importFrom("localLauncher")}
const [, , folder] = process.argv;
const command = [process.execPath, "--import", "tsx", folder + "/child.mts", folder];
await localLauncher({ name: "local", parallel: 1 }).launch({ command, logFile: folder + "/log" }).ended;
`,
    });
    const parent = spawn(
      process.execPath,
      ["--import", "tsx", folder.path("parent.mts"), folder.path()],
      { cwd: sources },
    );
    await until(() => isReady(folder.path("log")));
    parent.kill("SIGKILL");
    await until(() => existsSync(folder.path("stopped")));
    expect(readFileSync(folder.path("log"), "utf8")).to.equal("ready\n");
  });
});

const isReady = (log: string): boolean =>
  existsSync(log) && readFileSync(log, "utf8").includes("ready");

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
