import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";

/** An address as `node:net` takes it. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Finds the addresses of a host's name. */
export type ResolveHost = (name: string, signal: AbortSignal) => Promise<readonly HostAddress[]>;

/** An address that a host is given by itself, as in `[::1]`. */
export function literalAddress(host: string): HostAddress | undefined {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  return family === 4 || family === 6 ? { address, family } : undefined;
}

/**
 * Asks name servers. The system's own way would wait in one of the process' few threads, where names
 * that are never answered hold up everything else.
 */
export const resolveHost: ResolveHost = async (name, signal) => {
  if (/^(?:.+\.)?localhost\.?$/i.test(name)) {
    return [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ]; // RFC 6761, section 6.3
  }
  signal.throwIfAborted();
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(name),
      resolver.resolve6(name),
    ]);
    signal.throwIfAborted();
    if (four.status === "rejected" && six.status === "rejected") throw four.reason;
    const found = (result: PromiseSettledResult<string[]>): string[] =>
      result.status === "fulfilled" ? result.value : [];
    return [
      ...found(four).map((address): HostAddress => ({ address, family: 4 })),
      ...found(six).map((address): HostAddress => ({ address, family: 6 })),
    ];
  } finally {
    signal.removeEventListener("abort", cancel);
  }
};
