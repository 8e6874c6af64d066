import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";

/** A model hub on this machine with one model, `owner/tiny`. */
export interface HubServer {
  readonly url: string;
  /** Paths that were downloaded. */
  readonly downloads: string[];
  /** Authorization headers that were sent. */
  readonly authorizations: Set<string | undefined>;
  close(): Promise<void>;
}

export const hubCommit: string = "0123456789abcdef0123456789abcdef01234567";

/**
 * Answers as the Hugging Face hub does.
 *
 * @param folder the model's files
 * @param token who does not send it is refused
 * @param status answers everything with this, and nothing else
 */
export async function startHubServer(
  folder: string,
  { token, status }: { token?: string; status?: number } = {},
): Promise<HubServer> {
  const downloads: string[] = [];
  const authorizations = new Set<string | undefined>();
  const server = createServer((request, response) => {
    authorizations.add(request.headers.authorization);
    if (status !== undefined) response.writeHead(status).end();
    else if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
    } else void answer(folder, request, response, downloads);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    downloads,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  downloads: string[],
): Promise<void> {
  const { pathname } = new URL(request.url!, "http://hub");
  const json = (value: unknown): void =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify(value));
  const api = "/api/models/owner/tiny";
  const file = `/owner/tiny/resolve/${hubCommit}/`;
  if (pathname === `${api}/revision/main` || pathname === `${api}/revision/${hubCommit}`) {
    json({ _id: "1", id: "owner/tiny", sha: hubCommit });
  } else if (pathname === `${api}/tree/${hubCommit}`) json(listing(folder));
  else if (pathname === `${api}/paths-info/${hubCommit}`) {
    const { paths }: { paths: string[] } = JSON.parse(await bodyOf(request));
    json(listing(folder).filter((entry) => paths.includes(entry.path)));
  } else if (pathname.startsWith(file)) {
    const name = pathname.slice(file.length);
    send(path.join(folder, name), request, response);
    if (request.headers.range === undefined) downloads.push(name);
  } else response.writeHead(404).end();
}

function listing(folder: string): { type: string; path: string; size: number; oid: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => ({
      type: "file",
      path: name,
      size: statSync(path.join(folder, name)).size,
      oid: createHash("sha1").update(name).digest("hex"),
    }));
}

function send(file: string, { headers }: IncomingMessage, response: ServerResponse): void {
  const bytes = readFileSync(file);
  response.setHeader("etag", '"1"');
  if (headers.range === undefined) return void response.end(bytes);
  response.setHeader("content-range", `bytes 0-0/${bytes.length}`);
  response.writeHead(206).end(bytes.subarray(0, 1));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
