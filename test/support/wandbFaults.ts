import type { WandbRequestKind } from "./wandbServer.ts";

/** How the server behaves: as W&B does, or in one of the ways it can fail. */
export type WandbServerMode =
  | "ok"
  | "graphql500"
  | "graphql503once"
  | "graphql401"
  | "graphql404"
  | "graphqlErrors"
  | "fileStream500"
  | "fileStream500once"
  | "fileStream429once"
  | "fileStream404"
  /** Ends the connection before it takes the second part of the stream, or after. */
  | "fileStreamCut"
  | "fileStreamCutAfter"
  /** Never answers the second part of the stream. */
  | "fileStreamHangs"
  | "upload500"
  | "upload500once"
  | "uploadCut"
  /** Answers everything with a page, as networks do that want a login. */
  | "loginPage"
  /** Never answers at all. */
  | "silent";

export type Fault =
  | "hang"
  | "cut"
  | "cutAfter"
  | { status: number; body: unknown; headers?: Readonly<Record<string, string>> };

const failed = (status: number): Fault => ({ status, body: { error: "out of order" } });

/** @param nth how many requests of the kind there were, from 1 */
type FaultRule = (kind: WandbRequestKind, nth: number) => Fault | undefined;

const isApi = (kind: WandbRequestKind): boolean => kind === "graphql" || kind === "upsert";

const rules: Record<WandbServerMode, FaultRule> = {
  ok: () => undefined,
  graphql500: (kind) => (isApi(kind) ? failed(500) : undefined),
  graphql503once: (kind, nth) => (isApi(kind) && nth === 1 ? failed(503) : undefined),
  graphql401: (kind) => (isApi(kind) ? failed(401) : undefined),
  graphql404: (kind) =>
    isApi(kind)
      ? { status: 404, body: { errors: [{ message: "sweep s1 not found" }] } }
      : undefined,
  graphqlErrors: (kind) =>
    kind === "upsert"
      ? { status: 200, body: { errors: [{ message: "permission denied" }], data: null } }
      : undefined,
  fileStream500: (kind) => (kind === "fileStream" ? failed(500) : undefined),
  fileStream500once: (kind, nth) => (kind === "fileStream" && nth === 1 ? failed(500) : undefined),
  fileStream429once: (kind, nth) =>
    kind === "fileStream" && nth === 1
      ? { status: 429, body: {}, headers: { "retry-after": "0" } }
      : undefined,
  fileStream404: (kind) => (kind === "fileStream" ? failed(404) : undefined),
  fileStreamCut: (kind, nth) => (kind === "fileStream" && nth === 2 ? "cut" : undefined),
  fileStreamCutAfter: (kind, nth) => (kind === "fileStream" && nth === 2 ? "cutAfter" : undefined),
  fileStreamHangs: (kind, nth) => (kind === "fileStream" && nth === 2 ? "hang" : undefined),
  upload500: (kind) => (kind === "upload" ? failed(500) : undefined),
  upload500once: (kind, nth) => (kind === "upload" && nth === 1 ? failed(500) : undefined),
  uploadCut: (kind, nth) => (kind === "upload" && nth === 1 ? "cut" : undefined),
  loginPage: () => ({ status: 200, body: "<html>Please log in</html>" }),
  silent: () => "hang",
};

/** What becomes of a request; undefined: it is answered as W&B does. */
export function faultOf(
  mode: WandbServerMode,
  kind: WandbRequestKind,
  nth: number,
): Fault | undefined {
  return rules[mode](kind, nth);
}
