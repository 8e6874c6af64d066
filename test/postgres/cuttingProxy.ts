import { connect, createServer, type Socket } from "node:net";

/** Where a connection breaks that is to commit something: the server has not heard of it, or has done it. */
export type CommitCut = "before" | "after";

/** Stands between a server and those who use it. */
export interface CuttingProxy {
  readonly port: number;
  /**
   * Breaks the next connection that is to commit, and lets none through until `mend`.
   *
   * @param skipped so many commits go through first
   * @returns when it broke
   */
  cutAtCommit(where: CommitCut, skipped?: number): Promise<void>;
  mend(): void;
  close(): Promise<void>;
}

/** @param port of the server, on this machine */
export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  let cut: { where: CommitCut; skipped: number; done: () => void } | undefined;
  const breakAll = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
    cut?.done();
    cut = undefined;
  };
  const proxy = createServer((client) => {
    if (!isOpen) return client.destroy();
    const server = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    let isCommitting = false;
    client.on("data", (bytes) => {
      const commits = cut !== undefined && bytes.includes("COMMIT\0") && cut.skipped-- <= 0;
      if (commits && cut?.where === "before") return breakAll();
      isCommitting ||= commits;
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (isCommitting) return breakAll();
      client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    cutAtCommit: (where, skipped = 0) => new Promise((done) => (cut = { where, skipped, done })),
    mend: () => (isOpen = true),
    close: () =>
      new Promise((resolve) => {
        isOpen = false;
        for (const socket of sockets) socket.destroy();
        proxy.close(() => resolve());
      }),
  };
}
