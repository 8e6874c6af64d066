import { signal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface Shortcut {
  /** One key, or two after each other: `j`, `g t`. Named as in `KeyboardEvent.key`. */
  readonly keys: string;
  readonly label: string;
  readonly act: () => void;
}

const active = signal<readonly Shortcut[]>([]);

/** What the page answers to at the moment, for the help. */
export const shortcuts: ReadonlySignal<readonly Shortcut[]> = active;

/** Binds keys for as long as the component is shown; later components win. */
export function useShortcuts(list: readonly Shortcut[]): void {
  const latest = useRef(list);
  latest.current = list;
  useEffect(() => {
    const bound = latest.current.map(({ keys, label }, i) => ({
      keys,
      label,
      act: () => latest.current[i]?.act(),
    }));
    active.value = [...active.peek(), ...bound];
    return () => {
      active.value = active.peek().filter((shortcut) => !bound.includes(shortcut));
    };
  }, [list.map(({ keys }) => keys).join(",")]);
}

const sequenceMs = 1200;

/** Listens for keys, except where text is typed or a dialog is open. */
export function listenForShortcuts(): void {
  let before = "";
  let beforeMs = 0;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (takesText(event.target) || document.querySelector("dialog[open]")) return;
    const sequence = event.timeStamp - beforeMs < sequenceMs ? `${before} ${event.key}` : "";
    const found = find(sequence) ?? find(event.key);
    [before, beforeMs] = found ? ["", 0] : [event.key, event.timeStamp];
    if (!found) return;
    event.preventDefault();
    found.act();
  });
}

function find(keys: string): Shortcut | undefined {
  return active.peek().findLast((shortcut) => shortcut.keys === keys);
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio"].includes(target.type);
  return target.matches("textarea, select, [contenteditable]");
}
