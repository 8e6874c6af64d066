import { signal } from "@preact/signals";
import type { JSX } from "preact";

const shown = signal<{ text: string; kind: "done" | "failed" } | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
const shownMs = 6000;

/** Tells the user what came of what they did, for some seconds. */
export function tell(text: string, kind: "done" | "failed" = "done"): void {
  clearTimeout(timer);
  shown.value = { text, kind };
  timer = setTimeout(() => (shown.value = null), shownMs);
}

/** Does something that may fail, and tells why it did. */
export async function attempt(work: () => Promise<string | void>): Promise<boolean> {
  try {
    const text = await work();
    if (text) tell(text);
    return true;
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error), "failed");
    return false;
  }
}

export function Message(): JSX.Element {
  const message = shown.value;
  return (
    <div class="message-place" role="status" aria-live="polite">
      {message && <p class={`message message-${message.kind}`}>{message.text}</p>}
    </div>
  );
}
