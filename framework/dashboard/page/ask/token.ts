import { signal, type Signal } from "@preact/signals";

const storageKey = "seedbed.token";

/** What lets the page start and stop runs. It comes once with the address, or is typed in. */
export const token: Signal<string> = signal(takeToken());

/** Remembers it until the browser's window closes. */
export function setToken(value: string): void {
  sessionStorage.setItem(storageKey, value);
  token.value = value;
}

function takeToken(): string {
  const url = new URL(location.href);
  const given = url.searchParams.get("token");
  if (given) {
    sessionStorage.setItem(storageKey, given);
    url.searchParams.delete("token");
    history.replaceState(null, "", url);
  }
  return sessionStorage.getItem(storageKey) ?? "";
}
