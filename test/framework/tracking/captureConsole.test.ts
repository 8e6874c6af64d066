import { Writable } from "node:stream";

import { expect } from "chai";
import { describe, it } from "mocha";

import { captureConsole } from "../../../framework/tracking/captureConsole.ts";

function memoryStream(): { stream: Writable; text: () => string } {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

describe("captureConsole()", () => {
  it("hears what is printed, which goes on to where it went, until it is stopped", () => {
    const [out, errors] = [memoryStream(), memoryStream()];
    const streams = { stdout: out.stream, stderr: errors.stream };
    const heard: string[] = [];
    const stop = captureConsole((name, chunk) => heard.push(`${name}: ${String(chunk)}`), streams);
    const called: string[] = [];
    out.stream.write("a", "utf8", () => called.push("done"));
    errors.stream.write(Buffer.from("b"));
    stop();
    out.stream.write("c");
    expect(heard).to.deep.equal(["stdout: a", "stderr: b"]);
    expect([out.text(), errors.text()]).to.deep.equal(["ac", "b"]);
    return new Promise<void>((resolve) => {
      out.stream.end(() => {
        expect(called).to.deep.equal(["done"]);
        resolve();
      });
    });
  });

  it("leaves in place whoever came to listen after it", () => {
    const [out, errors] = [memoryStream(), memoryStream()];
    const streams = { stdout: out.stream, stderr: errors.stream };
    const heard: string[] = [];
    const stopFirst = captureConsole((_, chunk) => heard.push(`first ${String(chunk)}`), streams);
    const stopSecond = captureConsole((_, chunk) => heard.push(`second ${String(chunk)}`), streams);
    stopFirst();
    out.stream.write("a");
    stopSecond();
    out.stream.write("b");
    expect(heard).to.deep.equal(["second a"]);
    expect(out.text()).to.equal("ab");
  });
});
