import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";

import {
  literalAddress,
  resolveHost,
  type HostAddress,
  type ResolveHost,
} from "./hostAddresses.ts";
import { PictureProblem, tooManyBytes } from "./pictureProblem.ts";
import { isPublicAddress } from "./publicAddress.ts";

export interface DownloadOptions {
  /** Most bytes of a picture. */
  readonly maxBytes: number;
  /** For all of it: names, redirects, and the picture. */
  readonly timeoutSeconds: number;
  /** Whether pictures may come from private networks, and from this machine. */
  readonly allowsPrivateAddresses: boolean;
  /** Default: name servers are asked. */
  readonly resolve?: ResolveHost | undefined;
}

const mostRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches a picture. Each address on the way is checked, and the connection goes to the one that was
 * checked, whatever name servers say next.
 *
 * @param signal ends it
 * @throws {PictureProblem} when an address may not be asked, does not answer in time, or has no picture
 */
export async function downloadPicture(
  url: string,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<Buffer> {
  const { timeoutSeconds, maxBytes } = options;
  const inTime = AbortSignal.timeout(timeoutSeconds * 1000);
  const stop = AbortSignal.any([signal, inTime]);
  try {
    let next = url;
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const found = await ask(next, options, stop);
      if (typeof found !== "string") return await bytesOf(found, maxBytes);
      next = found;
    }
    throw new PictureProblem(
      "failed_to_download_image",
      `The picture's address leads on to another more than ${mostRedirects} times.`,
    );
  } catch (cause) {
    if (cause instanceof PictureProblem) throw cause;
    signal.throwIfAborted();
    const reason = inTime.aborted
      ? `it took longer than ${timeoutSeconds} seconds`
      : "its server cannot be reached, or ended the connection";
    throw new PictureProblem(
      "failed_to_download_image",
      `The picture could not be downloaded: ${reason}.`,
      cause,
    );
  }
}

/** @returns the answer, or where it leads on to */
async function ask(
  url: string,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<IncomingMessage | string> {
  const target = checkedUrl(url);
  const addresses = await checkedAddresses(target.hostname, options, signal);
  const answer = await get(target, addresses, signal);
  const { statusCode = 0, headers } = answer;
  if (redirects.has(statusCode) && headers.location !== undefined) {
    answer.destroy();
    if (URL.canParse(headers.location, target)) return new URL(headers.location, target).href;
  }
  if (statusCode === 200) return answer;
  answer.destroy();
  throw new PictureProblem(
    "failed_to_download_image",
    `The picture could not be downloaded: its server answered with status ${statusCode}.`,
  );
}

function checkedUrl(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const isWeb = target?.protocol === "http:" || target?.protocol === "https:";
  if (!target || !isWeb || target.username !== "" || target.password !== "") {
    throw new PictureProblem(
      "invalid_image_url",
      "Expected a picture's address to be a data URL, or one of http or https without a user name.",
    );
  }
  return target;
}

async function checkedAddresses(
  host: string,
  { allowsPrivateAddresses, resolve = resolveHost }: DownloadOptions,
  signal: AbortSignal,
): Promise<readonly HostAddress[]> {
  const literal = literalAddress(host);
  const addresses = literal ? [literal] : await resolve(host, signal);
  if (addresses.length === 0) throw new Error("a name without addresses");
  if (allowsPrivateAddresses || addresses.every(({ address }) => isPublicAddress(address))) {
    return addresses;
  }
  throw new PictureProblem(
    "invalid_image_url",
    "The picture's address is not one of the public Internet.",
  );
}

function get(
  target: URL,
  addresses: readonly HostAddress[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = target.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(target, {
      agent: false, // a connection of its own: one that is kept might be another's
      headers: { accept: "image/*", "accept-encoding": "identity" },
      lookup: lookupOf(addresses),
      signal,
    });
    asked.once("response", resolve);
    asked.on("error", reject);
    asked.once("close", () => reject(new Error("no answer")));
    asked.end();
  });
}

/** Finds the addresses that were checked, whatever name is looked for. */
function lookupOf(addresses: readonly HostAddress[]): LookupFunction {
  return (_name, { all }, found) => {
    const [first] = addresses;
    if (all === true) found(null, [...addresses]);
    else found(null, first!.address, first!.family);
  };
}

async function bytesOf(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (Number(answer.headers["content-length"] ?? 0) > maxBytes) throw tooManyBytes(maxBytes);
    for await (const chunk of answer) {
      const part: Buffer = chunk;
      bytes += part.length;
      if (bytes > maxBytes) throw tooManyBytes(maxBytes);
      chunks.push(part);
    }
  } finally {
    answer.destroy();
  }
  return Buffer.concat(chunks);
}
