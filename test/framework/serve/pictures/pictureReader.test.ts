import { crc32 } from "node:zlib";

import { expect } from "chai";
import { describe, it } from "mocha";
import sharp from "sharp";

import { ApiError } from "../../../../framework/serve/apiError.ts";
import {
  PictureReader,
  type PicturePart,
  type PictureReaderOptions,
} from "../../../../framework/serve/pictures/pictureReader.ts";
import { errorOf } from "../../../support/compiled.ts";

const never = new AbortController().signal;
const partOf = (url: string): PicturePart => ({ type: "image_url", image_url: { url } });
const urlOf = (bytes: Buffer, type = "image/png"): string =>
  `data:${type};base64,${bytes.toString("base64")}`;

async function png(width: number, height: number): Promise<Buffer> {
  const create = { width, height, channels: 3, background: "red" } as const;
  return sharp({ create }).png().toBuffer();
}

async function codeOf(url: string, options: PictureReaderOptions = {}): Promise<string | null> {
  const reader = new PictureReader(options);
  const error = await errorOf(reader.read([{ part: partOf(url), param: "here" }], never));
  if (!(error instanceof ApiError)) throw error;
  expect(error.body.error.param).to.equal("here");
  return error.body.error.code;
}

describe("PictureReader", () => {
  it("reads a picture once for a request, and knows equal ones by their content", async () => {
    const bytes = await png(6, 4);
    const [part, other] = [partOf(urlOf(bytes)), partOf(urlOf(bytes, "text/plain"))];
    const reader = new PictureReader();
    const given = [part, other, part].map((each) => ({ part: each, param: "here" }));
    const [first, second, third] = await reader.read(given, never);
    expect(third).to.equal(first);
    expect(second).to.not.equal(first);
    expect(second!.hash).to.equal(first!.hash);
    expect(first).to.deep.include({ width: 6, height: 4, bytes });
  });

  it("has the size of a picture as it is shown", async () => {
    const turned = await sharp(await png(6, 4))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const [picture] = await new PictureReader().read(
      [{ part: partOf(urlOf(turned)), param: "here" }],
      never,
    );
    expect(picture).to.include({ width: 4, height: 6 });
  });

  it("refuses a picture whose header says that it would fill the memory", async () => {
    const bomb = Buffer.from(await png(1, 1));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(await codeOf(urlOf(bomb))).to.equal("image_too_large");
    expect(await codeOf(urlOf(await png(6, 4)), { maxPixels: 23 })).to.equal("image_too_large");
  });

  it("refuses too many bytes before it decodes base64", async () => {
    const bytes = await png(6, 4);
    const url = urlOf(bytes);
    expect(await codeOf(url, { maxBytes: bytes.length - 1 })).to.equal("image_file_too_large");
    const given = [{ part: partOf(url), param: "here" }];
    const [taken] = await new PictureReader({ maxBytes: bytes.length }).read(given, never);
    expect(taken!.bytes).to.deep.equal(bytes);
  });

  it("asks for no public addresses' sake only: others need leave", async () => {
    expect(await codeOf("http://127.0.0.1:9/")).to.equal("invalid_image_url");
    const allowed = { allowsPrivateAddresses: true };
    expect(await codeOf("http://127.0.0.1:9/", allowed)).to.equal("failed_to_download_image");
  });

  it("has nobody wait for others' slow servers", async () => {
    const resolve = (_name: string, signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const reader = new PictureReader({ mostDownloads: 1, resolve });
    const left = new AbortController();
    const read = (signal: AbortSignal) =>
      errorOf(reader.read([{ part: partOf("http://slow.invalid/"), param: "here" }], signal));
    const first = read(left.signal);
    expect(await read(never)).to.include({ status: 429 });
    left.abort();
    expect((await first).name).to.equal("AbortError");
  });
});
