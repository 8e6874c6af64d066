import { createServer, type RequestListener, type Server } from "node:http";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import {
  downloadPicture,
  type DownloadOptions,
} from "../../../../framework/serve/pictures/downloadPicture.ts";
import type { ResolveHost } from "../../../../framework/serve/pictures/hostAddresses.ts";
import { PictureProblem } from "../../../../framework/serve/pictures/pictureProblem.ts";
import { errorOf } from "../../../support/compiled.ts";

const options: DownloadOptions = {
  maxBytes: 1000,
  timeoutSeconds: 20,
  allowsPrivateAddresses: true,
};
const never = new AbortController().signal;

describe("downloadPicture()", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  /** @returns its address on this machine */
  async function serving(listener: RequestListener): Promise<string> {
    const listened = createServer(listener);
    server = listened;
    await new Promise<void>((resolve) => {
      listened.listen(0, "127.0.0.1", resolve);
    });
    const address = listened.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  async function problemOf(url: string, changed: Partial<DownloadOptions> = {}): Promise<string> {
    const error = await errorOf(downloadPicture(url, { ...options, ...changed }, never));
    if (error instanceof PictureProblem) return `${error.code}: ${error.message}`;
    throw error;
  }

  it("connects to the address that was checked, whatever the name means next", async () => {
    const at = await serving((_request, response) => response.end("picture"));
    let asked = 0;
    const resolve: ResolveHost = async () => [
      { address: ++asked === 1 ? "127.0.0.1" : "192.0.2.1", family: 4 },
    ];
    const url = at.replace("127.0.0.1", "pictures.invalid");
    const bytes = await downloadPicture(url, { ...options, resolve }, never);
    expect(bytes.toString()).to.equal("picture");
    expect(asked).to.equal(1);
  });

  describe("without leave to ask private addresses", () => {
    const closed = { allowsPrivateAddresses: false };
    const refusal = "invalid_image_url: The picture's address is not one of the public Internet.";
    for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]) {
      it(`does not connect to ${host}`, async () => {
        let asked = 0;
        const at = await serving((_request, response) => response.end(String(++asked)));
        expect(await problemOf(at.replace("127.0.0.1", host), closed)).to.equal(refusal);
        expect(asked).to.equal(0);
      });
    }

    it("does not connect where one of a name's addresses is private", async () => {
      const addresses = [
        { address: "8.8.8.8", family: 4 },
        { address: "10.0.0.1", family: 4 },
      ] as const;
      const resolve = async () => addresses;
      expect(await problemOf("http://mixed.invalid/", { ...closed, resolve })).to.equal(refusal);
      expect(await problemOf("http://localhost/", closed)).to.equal(refusal);
    });
  });

  it("checks each address on the way again", async () => {
    let hops = 0;
    const at = await serving((request, response) => {
      hops++;
      const location = request.url === "/file" ? "file:///etc/hosts" : request.url!;
      response.writeHead(302, { location }).end();
    });
    expect(await problemOf(`${at}/file`)).to.match(/^invalid_image_url: Expected a picture's/);
    expect(hops).to.equal(1);
    expect(await problemOf(`${at}/loop`)).to.include("leads on to another more than 3 times");
    expect(hops).to.equal(5);
  });

  it("refuses too many bytes, said beforehand or not", async () => {
    const at = await serving((request, response) => {
      if (request.url === "/said") response.setHeader("content-length", 1001);
      response.write("x".repeat(600));
      response.write("x".repeat(401));
      response.end();
    });
    for (const url of [`${at}/said`, `${at}/unsaid`]) {
      expect(await problemOf(url)).to.match(/^image_file_too_large: The picture has more than/);
    }
  });

  it("gives up on servers that are slow, at any point", async () => {
    const at = await serving((request, response) => {
      if (request.url === "/silent") return;
      response.write("x"); // and no more
    });
    for (const url of [`${at}/silent`, `${at}/slow`]) {
      const problem = await problemOf(url, { timeoutSeconds: 0.2 });
      expect(problem).to.match(/^failed_to_download_image: .*longer than 0.2 seconds/);
    }
    const resolve = (_name: string, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("cancelled")));
      });
    const named = { timeoutSeconds: 0.2, resolve };
    expect(await problemOf("http://never.invalid/", named)).to.include("longer than 0.2 seconds");
  });

  it("says what a server answers with, and ends with who asked", async () => {
    const at = await serving((request, response) => {
      if (request.url === "/none") response.writeHead(404).end();
      if (request.url === "/broken") response.destroy();
    });
    expect(await problemOf(`${at}/none`)).to.include("answered with status 404");
    expect(await problemOf(`${at}/broken`)).to.include("ended the connection");
    const left = new AbortController();
    const asked = downloadPicture(`${at}/wait`, options, left.signal);
    left.abort();
    expect((await errorOf(asked)).name).to.equal("AbortError");
  });
});
