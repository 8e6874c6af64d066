import { computed, signal, type ReadonlySignal } from "@preact/signals";

import { formatAddress, parseAddress, type Address, type Parameters } from "./addressText.ts";

const hash = signal(location.hash);
const follow = (): void => void (hash.value = location.hash);
// The latter comes in a task of its own: a view that changed its parameters before that would bring
// the address back that was left.
for (const event of ["popstate", "hashchange"]) addEventListener(event, follow);

/** The address now. */
export const address: ReadonlySignal<Address> = computed(() => parseAddress(hash.value));

/** Goes to an address such as `/runs?filter=...`; with `replace` the browser's history keeps its length. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (`#${to}` === location.hash) return;
  if (replace) history.replaceState(null, "", `#${to}`);
  else history.pushState(null, "", `#${to}`);
  follow();
}

/** Changes parameters of the address; null takes one away. */
export function setParameters(
  changes: Parameters,
  { replace = false }: { replace?: boolean } = {},
): void {
  const { path, parameters } = address.value;
  navigate(formatAddress(path, { ...parameters, ...changes }), { replace });
}

/** A link that keeps some of the present parameters, such as the filter. */
export function linkTo(
  path: readonly string[],
  parameters: Parameters = {},
  keep: readonly string[] = [],
): string {
  const now = address.value.parameters;
  const kept = Object.fromEntries(keep.map((name) => [name, now[name] ?? null]));
  return `#${formatAddress(path, { ...kept, ...parameters })}`;
}
