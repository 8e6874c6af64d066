import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { isRecord } from "../../framework/tracking/parameters.ts";
import { parseLooseJson } from "../../framework/tracking/wandb/json.ts";
import { faultOf, type WandbServerMode } from "./wandbFaults.ts";

export type { WandbServerMode } from "./wandbFaults.ts";

export interface WandbRequest {
  method: string;
  path: string;
  authorization: string;
  body: string;
}

/** What W&B would know by now. */
export interface WandbServerState {
  /** Lines of each file of the stream, at the places that the offsets gave them. */
  lines: Map<string, string[]>;
  /** How often each line was sent. */
  sent: Map<string, number[]>;
  uploads: Map<string, Buffer>;
  /** Variables of each run that was announced. */
  upserts: Record<string, unknown>[];
  /** Exit codes of the run's ends. */
  exitCodes: number[];
  artifacts: Map<string, { input: Record<string, unknown>; isCommitted: boolean }>;
}

export interface WandbServer extends WandbServerState {
  /** For WANDB_BASE_URL. */
  url: string;
  /** Everything that was asked of the server. */
  requests: WandbRequest[];
  /** From now on. */
  mode: WandbServerMode;
  /** Rows of history that arrived, in order, at the place their offset gives them. */
  rows(): Record<string, unknown>[];
  close(): Promise<void>;
}

/**
 * A loopback server that speaks as much of W&B's protocol as its SDK for JavaScript, its own
 * `wandb sync` and ours need, and fails as its mode says.
 */
export async function startWandbServer(mode: WandbServerMode): Promise<WandbServer> {
  const requests: WandbRequest[] = [];
  const counts = new Map<string, number>();
  const state: WandbServerState = {
    lines: new Map(),
    sent: new Map(),
    uploads: new Map(),
    upserts: [],
    exitCodes: [],
    artifacts: new Map(),
  };
  const http = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { url: path = "", method = "", headers } = request;
      const seen = {
        method,
        path,
        authorization: headers.authorization ?? "",
        body: body.toString(),
      };
      requests.push(seen);
      const kind = kindOf(seen);
      const nth = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, nth);
      const fault = faultOf(server.mode, kind, nth);
      if (fault === "hang") return;
      if (fault === "cut") return void request.socket.destroy();
      if (fault && fault !== "cutAfter")
        return send(response, fault.status, fault.body, fault.headers);
      const answer = answerTo(state, seen, body, server.url);
      if (fault === "cutAfter") request.socket.destroy();
      else send(response, 200, answer);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server: WandbServer = {
    ...state,
    url: `http://127.0.0.1:${port}`,
    requests,
    mode,
    rows: () => (state.lines.get("wandb-history.jsonl") ?? []).map(parseRow),
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
  return server;
}

function parseRow(line: string): Record<string, unknown> {
  const row = parseLooseJson(line);
  if (isRecord(row)) return row;
  throw new TypeError(`Cannot read row: expected an object, got ${line}`);
}

/** What faults are told apart by. */
export type WandbRequestKind = "graphql" | "upsert" | "fileStream" | "upload" | "other";

function kindOf({ method, path, body }: WandbRequest): WandbRequestKind {
  if (path.endsWith("/file_stream")) return "fileStream";
  if (method === "PUT") return "upload";
  if (path !== "/graphql") return "other";
  return body.includes("upsertBucket") ? "upsert" : "graphql";
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const isText = typeof body === "string";
  const type = isText ? "text/html" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

function answerTo(
  state: WandbServerState,
  { method, path, body }: WandbRequest,
  bytes: Buffer,
  url: string,
): object {
  if (path.endsWith("/file_stream")) return takeLines(state, JSON.parse(body));
  if (method === "PUT") {
    state.uploads.set(decodeURIComponent(path.replace("/upload/", "")), bytes);
    return {};
  }
  if (path !== "/graphql") return {};
  const { query, variables = {} } = JSON.parse(body);
  if (query.includes("upsertBucket")) {
    state.upserts.push(variables);
    return { data: { upsertBucket: { bucket: bucketOf(state, variables), inserted: true } } };
  }
  if (query.includes("createRunFiles")) {
    const files = variables.files.map((name: string) => ({
      name,
      uploadUrl: `${url}/upload/${encodeURIComponent(name)}`,
    }));
    return { data: { createRunFiles: { runID: "r1", uploadHeaders: ["X-Test:yes"], files } } };
  }
  if (/(create|commit|update)Artifact/.test(query))
    return { data: answerArtifact(state, query, variables, url) };
  if (query.includes("viewer")) return { data: { viewer: { id: "v1", entity: "tester" } } };
  if (query.includes("model(")) return { data: { model: { bucket: bucketOf(state, variables) } } };
  return { data: {} };
}

/** An artifact that was committed is known again by its digest. */
function answerArtifact(
  state: WandbServerState,
  query: string,
  variables: Record<string, any>,
  url: string,
): object {
  if (query.includes("createArtifact(")) {
    const { digest, artifactCollectionName: name } = variables["input"];
    const id = `${name}:${digest}`;
    const known = state.artifacts.get(id)?.isCommitted ?? false;
    if (!known) state.artifacts.set(id, { input: variables["input"], isCommitted: false });
    const artifact = {
      id,
      state: known ? "COMMITTED" : "PENDING",
      artifactSequence: { latestArtifact: null },
    };
    return { createArtifact: { artifact } };
  }
  if (query.includes("createArtifactManifest(")) {
    const name = `${variables["artifactID"]}/${variables["name"]}`;
    const file = {
      id: "f1",
      uploadUrl: `${url}/upload/${encodeURIComponent(name)}`,
      uploadHeaders: [],
    };
    return { createArtifactManifest: { artifactManifest: { id: "m1", file } } };
  }
  if (query.includes("commitArtifact(")) {
    const artifact = state.artifacts.get(variables["artifactID"]);
    if (artifact) artifact.isCommitted = true;
    return { commitArtifact: { artifact: { id: variables["artifactID"], digest: "" } } };
  }
  if (query.includes("createArtifactFiles(")) {
    const edges = variables["input"].artifactFiles.map((file: Record<string, string>) => {
      const place = `${file["artifactID"]}/${file["name"]}`;
      return {
        node: {
          storagePath: file["name"],
          uploadUrl: `${url}/upload/${encodeURIComponent(place)}`,
          uploadHeaders: [],
          artifact: { id: file["artifactID"] },
        },
      };
    });
    return { createArtifactFiles: { files: { edges } } };
  }
  return {};
}

function bucketOf(state: WandbServerState, variables: Record<string, unknown>): object {
  const entity = { id: "e1", name: variables["entity"] ?? "tester" };
  return {
    id: "b1",
    name: variables["name"],
    displayName: "shown",
    config: "{}",
    historyLineCount: state.lines.get("wandb-history.jsonl")?.length ?? 0,
    eventsLineCount: state.lines.get("wandb-events.jsonl")?.length ?? 0,
    logLineCount: state.lines.get("output.log")?.length ?? 0,
    project: { id: "p1", name: variables["project"], entity },
  };
}

interface StreamBody {
  files?: Record<string, { offset: number; content: string[] }>;
  exitcode?: number;
  complete?: boolean;
}

function takeLines(
  state: WandbServerState,
  { files = {}, complete, exitcode = 0 }: StreamBody,
): object {
  for (const [name, { offset, content }] of Object.entries(files)) {
    const lines = state.lines.get(name) ?? [];
    const sent = state.sent.get(name) ?? [];
    for (const [i, line] of content.entries()) {
      lines[offset + i] = line;
      sent[offset + i] = (sent[offset + i] ?? 0) + 1;
    }
    state.lines.set(name, lines);
    state.sent.set(name, sent);
  }
  if (complete) state.exitCodes.push(exitcode);
  return { exitcode: null, limits: {} };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
