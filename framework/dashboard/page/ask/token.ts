import { signal, type Signal } from "@preact/signals";

const storageKey = "seedbed.token";

/** What lets the page start and stop runs; "" until the user has typed it. */
export const token: Signal<string> = signal(sessionStorage.getItem(storageKey) ?? "");

/** Remembers it until the browser's window closes. */
export function setToken(value: string): void {
  sessionStorage.setItem(storageKey, value);
  token.value = value;
}
