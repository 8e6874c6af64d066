import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import type { SshLauncherSpec } from "../../framework/spec/launchers/ssh.ts";
import { freePorts } from "./freePorts.ts";

/** An sshd on this machine that lets the user in who has started it. */
export interface TestSshd {
  /** For `launcher.options`. */
  readonly options: SshLauncherSpec["options"];
  stop(): Promise<void>;
}

export async function startSshd(): Promise<TestSshd> {
  const folder = mkdtempSync(path.join(tmpdir(), "seedbed-sshd-"));
  const at = (name: string): string => path.join(folder, name);
  const [port = 0] = await freePorts(1);
  for (const name of ["hostKey", "userKey"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  }
  copyFileSync(at("userKey.pub"), at("authorizedKeys"));
  const settings = `Port ${port}
ListenAddress 127.0.0.1
HostKey ${at("hostKey")}
AuthorizedKeysFile ${at("authorizedKeys")}
PidFile ${at("sshd.pid")}
PermitRootLogin yes
PasswordAuthentication no
StrictModes no
UsePAM no
`;
  writeFileSync(at("sshd_config"), settings);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true }); // root's sshd asks for it
  const daemon = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")]);
  const gone = new Promise<void>((resolve) => daemon.on("close", () => resolve()));
  await answers(port);
  return {
    options: {
      Port: port,
      IdentityFile: at("userKey"),
      StrictHostKeyChecking: "no",
      UserKnownHostsFile: "/dev/null",
      LogLevel: "ERROR",
    },
    async stop() {
      daemon.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until somebody listens at the port, for ten seconds at most. */
async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false)).on("connect", () => socket.end());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Waited in vain for sshd at port ${port}`);
}
