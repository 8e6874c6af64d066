import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";

/** A request that was answered whole. */
export interface Exchange {
  path: string;
  status: number;
  requestBody: string;
  responseBody: string;
}

export interface TrafficWatch {
  onExchange(exchange: Exchange): void;
  /** No answer came, or not all of it. */
  onFailure(reason: string): void;
  /** How long an answer may take. */
  timeoutSeconds: number;
}

/**
 * Looks at every request that this thread makes over node:http and node:https, from now on and for
 * good: for a thread that belongs to a library which does not look itself.
 */
export function watchTraffic(watch: TrafficWatch): void {
  for (const module of [http, https]) {
    module.request = new Proxy(module.request, {
      apply(target, self, args) {
        const request: ClientRequest = Reflect.apply(target, self, args);
        watchRequest(request, watch);
        return request;
      },
    });
  }
}

function watchRequest(request: ClientRequest, watch: TrafficWatch): void {
  const sent: Buffer[] = [];
  noteChunks(request, "write", sent);
  noteChunks(request, "end", sent);
  const { timeoutSeconds } = watch;
  const timer = setTimeout(
    () => watch.onFailure(`no answer in ${timeoutSeconds} seconds`),
    timeoutSeconds * 1000,
  );
  const fail = (reason: string): void => {
    clearTimeout(timer);
    watch.onFailure(reason);
  };
  request.once("error", (error) => fail(error.message));
  request.once("response", (response: IncomingMessage) => {
    const received: Buffer[] = [];
    response.on("data", (chunk) => keep(received, chunk));
    response.once("error", (error) => fail(error.message));
    response.once("end", () => {
      clearTimeout(timer);
      watch.onExchange({
        path: request.path,
        status: response.statusCode ?? 0,
        requestBody: Buffer.concat(sent).toString(),
        responseBody: Buffer.concat(received).toString(),
      });
    });
  });
}

/** Keeps what a method is given to send. */
function noteChunks(request: ClientRequest, method: "write" | "end", chunks: Buffer[]): void {
  const noting = new Proxy(Reflect.get(request, method), {
    apply(target, self, args) {
      keep(chunks, args[0]);
      return Reflect.apply(target, self, args);
    },
  });
  Reflect.set(request, method, noting);
}

function keep(chunks: Buffer[], chunk: unknown): void {
  if (typeof chunk === "string") chunks.push(Buffer.from(chunk));
  else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
}
