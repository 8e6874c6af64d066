import type { ConsoleStream } from "./consoleLog.ts";

/** A stream of the process, as far as it is listened to. */
export type PrintedStream = Pick<NodeJS.WriteStream, "write">;

/**
 * Hears everything that is written to the process's streams, which goes on to where it went.
 *
 * @param hear must not throw
 * @returns stops it
 */
export function captureConsole(
  hear: (stream: ConsoleStream, chunk: string | Uint8Array) => void,
  streams: Readonly<Record<ConsoleStream, PrintedStream>> = process,
): () => void {
  const stop = (["stdout", "stderr"] as const).map((name) =>
    listen(streams[name], (chunk) => hear(name, chunk)),
  );
  return () => stop.forEach((each) => each());
}

function listen(stream: PrintedStream, hear: (chunk: string | Uint8Array) => void): () => void {
  let isHeard = true;
  const write = stream.write;
  function tell(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    if (isHeard) hear(chunk);
    return Reflect.apply(write, stream, [chunk, ...rest]);
  }
  stream.write = tell;
  return () => {
    isHeard = false;
    if (stream.write === tell) stream.write = write; // else somebody listens through ours
  };
}
