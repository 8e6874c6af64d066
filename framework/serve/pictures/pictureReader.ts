import { createHash } from "node:crypto";

import { ApiError, overloaded } from "../apiError.ts";
import { bytesOfDataUrl } from "./dataUrl.ts";
import { downloadPicture, type DownloadOptions } from "./downloadPicture.ts";
import { readPictureHeader, type PictureHeader } from "./pictureHeader.ts";
import { PictureProblem } from "./pictureProblem.ts";

/** A picture as a client gives it. */
export interface PicturePart {
  readonly type: "image_url";
  readonly image_url: {
    /** Of http, https or data. */
    readonly url: string;
    /** `low` is one frame; else as many as the model's settings say. Default: auto. */
    readonly detail?: string;
  };
}

/** A picture that may be decoded. */
export interface GivenPicture extends PictureHeader {
  readonly bytes: Buffer;
  /** Of the bytes: SHA-256 in hexadecimal. */
  readonly hash: string;
}

export interface PictureReaderOptions extends Partial<DownloadOptions> {
  /** Most pictures of a request. Default: 16. */
  readonly mostPictures?: number;
  /** Most pixels of a picture. Default: 40 million. */
  readonly maxPixels?: number;
  /** Most pictures that are fetched at a time, for all clients. Default: 32. */
  readonly mostDownloads?: number;
}

/** Fetches the pictures of requests and checks them, before anything is decoded. */
export class PictureReader {
  readonly #options: DownloadOptions & Required<Omit<PictureReaderOptions, keyof DownloadOptions>>;
  /** What became of parts of requests, which several models may be asked to answer. */
  readonly #known = new WeakMap<PicturePart, Promise<GivenPicture>>();
  #downloads = 0;

  constructor({
    maxBytes = 10 * 2 ** 20,
    timeoutSeconds = 10,
    allowsPrivateAddresses = false,
    resolve,
    mostPictures = 16,
    maxPixels = 40e6,
    mostDownloads = 32,
  }: PictureReaderOptions = {}) {
    const downloads = { maxBytes, timeoutSeconds, allowsPrivateAddresses, resolve };
    this.#options = { ...downloads, mostPictures, maxPixels, mostDownloads };
  }

  /**
   * All pictures of a request, in their order.
   *
   * @param given with the field that each is in
   * @throws {ApiError} naming the field of one that cannot be had
   */
  async read(
    given: readonly { readonly part: PicturePart; readonly param: string }[],
    signal: AbortSignal,
  ): Promise<GivenPicture[]> {
    const { mostPictures } = this.#options;
    if (given.length > mostPictures) {
      throw new ApiError(`Expected at most ${mostPictures} pictures, got ${given.length}.`, {
        ...{ param: "messages", code: "too_many_images" },
      });
    }
    return Promise.all(
      given.map(async ({ part, param }) => {
        try {
          return await this.#once(part, signal);
        } catch (cause) {
          if (!(cause instanceof PictureProblem)) throw cause;
          throw new ApiError(cause.message, { param, code: cause.code, cause });
        }
      }),
    );
  }

  #once(part: PicturePart, signal: AbortSignal): Promise<GivenPicture> {
    const known = this.#known.get(part);
    if (known) return known;
    const picture = this.#picture(part.image_url.url, signal);
    this.#known.set(part, picture);
    return picture;
  }

  async #picture(url: string, signal: AbortSignal): Promise<GivenPicture> {
    const { maxBytes, maxPixels } = this.#options;
    const bytes = /^data:/i.test(url)
      ? bytesOfDataUrl(url, maxBytes)
      : await this.#download(url, signal);
    const { width, height } = await readPictureHeader(bytes, { maxPixels });
    const hash = createHash("sha256").update(bytes).digest("hex");
    return { bytes, width, height, hash };
  }

  /** Nobody waits for others' slow servers: where too many are waited for, there is an error at once. */
  async #download(url: string, signal: AbortSignal): Promise<Buffer> {
    if (this.#downloads >= this.#options.mostDownloads) {
      throw overloaded("Too many pictures are being downloaded.");
    }
    this.#downloads++;
    try {
      return await downloadPicture(url, this.#options, signal);
    } finally {
      this.#downloads--;
    }
  }
}
