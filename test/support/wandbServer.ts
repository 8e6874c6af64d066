import { createServer, type IncomingMessage } from "node:http";

/** How the server behaves: as W&B does, or in one of the ways it can fail. */
export type WandbServerMode = "ok" | "graphql500" | "graphqlErrors" | "fileStream500" | "silent";

export interface WandbRequest {
  path: string;
  authorization: string;
  body: string;
}

export interface WandbServer {
  /** For WANDB_BASE_URL. */
  url: string;
  /** Everything that was asked of the server. */
  requests: WandbRequest[];
  /** Rows of history that arrived, in order, at the place their offset gives them. */
  rows(): Record<string, unknown>[];
  close(): Promise<void>;
}

/** A loopback server that speaks as much of W&B's protocol as its SDK for JavaScript needs. */
export async function startWandbServer(mode: WandbServerMode): Promise<WandbServer> {
  const requests: WandbRequest[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { url: path = "", headers } = request;
      requests.push({ path, authorization: headers.authorization ?? "", body });
      if (mode === "silent") return;
      const [status, answer] = answerTo(mode, path, body);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    rows: () => historyRows(requests),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answerTo(
  mode: WandbServerMode,
  path: string,
  body: string,
): [status: number, answer: object] {
  if (path.endsWith("/file_stream")) return [mode === "fileStream500" ? 500 : 200, {}];
  if (mode === "graphql500") return [500, { error: "out of order" }];
  if (!body.includes("upsertBucket")) return [200, { data: { viewer: { entity: "tester" } } }];
  if (mode === "graphqlErrors")
    return [200, { errors: [{ message: "permission denied" }], data: null }];
  return [200, { data: { upsertBucket: { bucket: { displayName: "shown" } } } }];
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function historyRows(requests: readonly WandbRequest[]): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = [];
  for (const { path, body } of requests) {
    if (!path.endsWith("/file_stream")) continue;
    const history = JSON.parse(body)?.files?.["wandb-history.jsonl"];
    for (const [i, line] of (history?.content ?? []).entries())
      rows[history.offset + i] = JSON.parse(line);
  }
  return rows;
}
