import { signal, type ReadonlySignal } from "@preact/signals";

import type { ActionsEvent, ChangedEvent } from "../../api.ts";

const changed = signal<ChangedEvent>({ revision: 0, keys: [] });
const connected = signal<"connecting" | "live" | "lost">("connecting");

/**
 * The last change of any run. After a loss the revision is infinite: nothing that is known is new
 * enough, also when it is another server that counts anew.
 */
export const lastChange: ReadonlySignal<ChangedEvent> = changed;

/** Whether changes arrive. */
export const connection: ReadonlySignal<"connecting" | "live" | "lost"> = connected;

const ended = signal<ActionsEvent | null>(null);

/** The last process that the dashboard has started and that has ended. */
export const lastEnded: ReadonlySignal<ActionsEvent | null> = ended;

const firstRetryMs = 500;
const lastRetryMs = 10_000;

/** Listens to the server for as long as the page is open, again after every loss. */
export function followChanges(retryMs: number = firstRetryMs): void {
  const events = new EventSource("/api/events");
  let wait = retryMs;
  events.addEventListener("open", () => {
    if (connected.value === "lost") changed.value = { revision: Infinity, keys: [] };
    connected.value = "live";
    wait = firstRetryMs;
  });
  events.addEventListener("changed", (event) => (changed.value = JSON.parse(event.data)));
  events.addEventListener("actions", (event) => (ended.value = JSON.parse(event.data)));
  events.addEventListener("error", () => {
    events.close();
    connected.value = "lost";
    setTimeout(() => followChanges(Math.min(wait * 2, lastRetryMs)), wait);
  });
}
