import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { it } from "mocha";

import type { LaunchedTask, Launcher } from "../../../framework/launch/launcher.ts";
import type { temporaryFolder } from "../../support/temporaryFolder.ts";

/** What a sweep relies on. */
export function launcherContract(
  create: () => Launcher,
  folder: ReturnType<typeof temporaryFolder>,
): void {
  const launch = (command: readonly string[]): LaunchedTask =>
    create().launch({
      command,
      logFile: folder.path("log"),
      folder: folder.path(),
      title: "contract.1",
      state: () => "unknown",
    });
  const node = (code: string): string[] => [process.execPath, "-e", code];

  it("tells the exit code, and keeps what was printed after what is there", async () => {
    folder.write({ log: "before\n" });
    const command = node("console.log('out'); console.error('err'); process.exitCode = 3");
    const { ended } = launch(command);
    expect(await ended).to.deep.equal({ exitCode: 3, signal: null });
    const lines = readFileSync(folder.path("log"), "utf8").trim().split("\n");
    expect(lines[0]).to.equal("before");
    expect(lines.slice(1)).to.have.members(["out", "err"]);
  });

  it("asks a process to stop, which may save its work", async () => {
    const command = node(
      "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')",
    );
    const task = launch(command);
    const log = folder.path("log");
    await until(() => existsSync(log) && readFileSync(log, "utf8").includes("ready"));
    task.stop();
    expect(await task.ended).to.deep.equal({ exitCode: 7, signal: null });
  });

  it("tells the signal that ended a process", async () => {
    const command = node("process.kill(process.pid, 'SIGKILL')");
    const { ended } = launch(command);
    expect(await ended).to.deep.equal({ exitCode: null, signal: "SIGKILL" });
  });

  it("says which command does not exist", async () => {
    const { ended } = launch(["no-such"]);
    const error = await ended.catch((cause: unknown) => cause);
    expect(String(error)).to.match(/^InputError: Cannot start no-such: .*(?:ENOENT|code 127)/);
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
