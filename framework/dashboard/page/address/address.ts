import { signal, type ReadonlySignal } from "@preact/signals";

import { formatAddress, parseAddress, type Address, type Parameters } from "./addressText.ts";

const current = signal(parseAddress(location.hash));
addEventListener("hashchange", () => (current.value = parseAddress(location.hash)));

/** The address now. */
export const address: ReadonlySignal<Address> = current;

/** Goes to an address such as `/runs?filter=...`; with `replace` the browser's history keeps its length. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (`#${to}` === location.hash) return;
  if (replace) history.replaceState(null, "", `#${to}`);
  else history.pushState(null, "", `#${to}`);
  current.value = parseAddress(to);
}

/** Changes parameters of the address; null takes one away. */
export function setParameters(
  changes: Parameters,
  { replace = false }: { replace?: boolean } = {},
): void {
  const { path, parameters } = current.value;
  navigate(formatAddress(path, { ...parameters, ...changes }), { replace });
}

/** A link that keeps some of the present parameters, such as the filter. */
export function linkTo(
  path: readonly string[],
  parameters: Parameters = {},
  keep: readonly string[] = [],
): string {
  const now = current.value.parameters;
  const kept = Object.fromEntries(keep.map((name) => [name, now[name] ?? null]));
  return `#${formatAddress(path, { ...kept, ...parameters })}`;
}
