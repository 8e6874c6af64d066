import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  closeSync,
} from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { redactLog } from "../../../framework/tracking/redactLog.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejection } from "../data/rejection.ts";

const environment = {
  MY_API_KEY: "key-from-the-environment",
  OTHER_TOKEN: "key-from-the-environment-and-more",
  SERVICE_CREDENTIALS: '{\n  "user": "somebody",\n  "pin": "wörd"\n}',
  USER: "somebody-with-a-long-name",
};
const key = `hf_${"0123456789".repeat(4)}`;
const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"; // of 64 letters
const pem = `-----BEGIN PRIVATE KEY-----\n${`${body}\n`.repeat(30)}MzEfYyjiWA==\n-----END PRIVATE KEY-----`;

describe("redactLog()", () => {
  const folder = temporaryFolder();

  /** What is left of a log. */
  async function redact(log: string | Buffer, chunkBytes?: number): Promise<string> {
    const file = folder.path("trial.log");
    writeFileSync(file, log);
    await redactLog(file, { environment, ...(chunkBytes !== undefined && { chunkBytes }) });
    expect(readdirSync(folder.path())).to.deep.equal(["trial.log"]);
    return readFileSync(file, "latin1");
  }

  const cases: [title: string, log: string, expected: string][] = [
    ["a value of the environment", `a ${environment.MY_API_KEY} b\n`, "a [redacted] b\n"],
    ["the longer of two values", `${environment.OTHER_TOKEN}\n`, "[redacted]\n"],
    [
      "a value of several lines",
      `a${environment.SERVICE_CREDENTIALS}b\nuser: somebody\n`,
      "a[redacted]b\nuser: somebody\n",
    ],
    [
      "what looks like a key, beside colours",
      `\x1b[31m${key}\x1b[0m\n`,
      "\x1b[31m[redacted]\x1b[0m\n",
    ],
    ["a key in a last line without its end", `a\n${key}`, "a\n[redacted]"],
    ["a key between a progress bar's lines", `1%\r2% ${key}\r3%\r\n`, "1%\r2% [redacted]\r3%\r\n"],
    ["a private key with all of its lines", `a\n${pem}\nb\n`, "a\n[redacted]\nb\n"],
    [
      "a private key with lines as Windows has them",
      `a\r\n${pem.replaceAll("\n", "\r\n")}\r\nb\r\n`,
      "a\r\n[redacted]\r\nb\r\n",
    ],
    [
      "a private key that breaks off, and no more",
      `${pem.slice(0, 200)}\nTraceback (most recent call last):\n  ${body}\n`,
      `[redacted]\nTraceback (most recent call last):\n  ${body}\n`,
    ],
  ];
  for (const [title, log, expected] of cases) {
    it(`takes out ${title}, wherever it is parted when it is read`, async () => {
      for (const chunkBytes of [undefined, 1, 7, 64]) {
        expect(await redact(log, chunkBytes), `${chunkBytes}`).to.equal(expected);
        expect(await redact(expected, chunkBytes), `${chunkBytes}, again`).to.equal(expected);
      }
    });
  }

  it("takes a secret out across the border of what it reads at once", async () => {
    const before = `${"x".repeat(79)}\n`.repeat(10);
    for (let at = 0; at < environment.MY_API_KEY.length; at++) {
      const log = `${before}${" ".repeat(at)}${environment.MY_API_KEY}\n`;
      expect(await redact(log, before.length + 24)).to.equal(
        `${before}${" ".repeat(at)}[redacted]\n`,
      );
    }
  });

  it("leaves a file without secrets as it is: the same file, with its time", async () => {
    const file = folder.path("trial.log");
    writeFileSync(file, `loss 0.1\n\x1b[1mdone\x1b[0m ${environment.USER}\n\xff`, "latin1");
    const before = statSync(file);
    expect(await redactLog(file, { environment })).to.equal(false);
    const { ino, mtimeMs } = statSync(file);
    expect({ ino, mtimeMs }).to.deep.equal({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it("says that there was a secret, and keeps who may read the file", async () => {
    const file = folder.path("trial.log");
    writeFileSync(file, key);
    chmodSync(file, 0o600);
    expect(await redactLog(file, { environment })).to.equal(true);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it("keeps every byte that is no UTF-8, in the secret's line and in others", async () => {
    const bytes = String.fromCodePoint(...Array.from({ length: 256 }, (_, i) => i));
    const log = `${bytes}\n\xfe\xff ${key} \xc3\n${environment.MY_API_KEY}\xe4`;
    expect(await redact(Buffer.from(log, "latin1"))).to.equal(
      `${bytes}\n\xfe\xff [redacted] \xc3\n[redacted]\xe4`,
    );
  });

  it("takes a password with letters beyond ASCII out whole, though another line is no UTF-8", async () => {
    const log = Buffer.concat([Buffer.from([0xff, 10]), Buffer.from("password: àààààààà\n")]);
    expect(await redact(log)).to.equal("\xff\npassword: [redacted]\n");
  });

  it("looks at a line of any length in parts, and parts no secret", async () => {
    const filler = "0123456789,".repeat(10_000);
    const secret = (i: number): string => (i % 2 === 0 ? key : environment.MY_API_KEY);
    const words = Array.from({ length: 40 }, (_, i) => `${filler}${" ".repeat(i)}${secret(i)}`);
    const clean = Array.from({ length: 40 }, (_, i) => `${filler}${" ".repeat(i)}[redacted]`);
    expect((await redact(words.join(","))) === clean.join(",")).to.equal(true);
  });

  for (const name of ["no-such.log", "folder"]) {
    it(`does nothing for ${name === "folder" ? "what is no file" : "a file that is not there"}`, async () => {
      folder.write({ "folder/a": key });
      expect(await redactLog(folder.path(name), { environment })).to.equal(false);
    });
  }

  it("does not follow a link, which may lead anywhere", async () => {
    folder.write({ "elsewhere.txt": key });
    symlinkSync(folder.path("elsewhere.txt"), folder.path("trial.log"));
    expect(await redactLog(folder.path("trial.log"), { environment })).to.equal(false);
    expect(readFileSync(folder.path("elsewhere.txt"), "utf8")).to.equal(key);
  });

  (process.platform === "linux" ? it : it.skip)(
    "leaves a file into which a process still prints, and says so",
    async () => {
      const file = folder.path("trial.log");
      writeFileSync(file, `${key}\n`);
      const log = openSync(file, "a");
      const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
        stdio: ["pipe", log, log],
      });
      closeSync(log);
      const ended = once(child, "exit");
      const options = { environment, timeoutMs: 0 };
      expect(await rejection(redactLog(file, options))).to.equal(
        `Cannot take secrets out of ${file}: process ${child.pid} still prints into it`,
      );
      expect(readFileSync(file, "utf8")).to.equal(`${key}\n`);
      child.stdin!.end();
      await ended;
      expect(await redactLog(file, options)).to.equal(true);
    },
  );
});
