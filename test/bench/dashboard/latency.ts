import { appendFileSync } from "node:fs";
import path from "node:path";

const writes = 7;
const pauseMs = 700;

/** Waits for news of which there are none: what it costs the server to look for them. */
export async function listen(address: string, seconds: number): Promise<void> {
  const stop = new AbortController();
  const response = await fetch(`${address}/api/events`, { signal: stop.signal });
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  stop.abort();
  await response.body!.cancel().catch(() => {}); // it is aborted already
}

/** Milliseconds from a line appended to a running run's log to the event that tells of it. */
export async function medianLatency(address: string, runFolder: string): Promise<number> {
  const stop = new AbortController();
  const response = await fetch(`${address}/api/events`, { signal: stop.signal });
  const chunks = response.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  await nextEvent(chunks);
  const found: number[] = [];
  for (let i = 0; i < writes; i++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs + 90 * i)); // at all times of a second
    const start = performance.now();
    appendFileSync(
      path.join(runFolder, "metrics.jsonl"),
      `{"kind":"metrics","step":${1000 + i},"epoch":1,"wallTimeSeconds":1,"metrics":{"train/loss":1}}\n`,
    );
    await nextEvent(chunks);
    found.push(performance.now() - start);
  }
  stop.abort();
  return found.toSorted((a, b) => a - b)[Math.floor(writes / 2)]!;
}

async function nextEvent(chunks: AsyncIterator<string>): Promise<void> {
  for (;;) {
    const { value, done } = await chunks.next();
    if (done || value.includes("event: changed")) return;
  }
}
