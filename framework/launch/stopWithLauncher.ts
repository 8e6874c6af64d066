import type { Lifeline } from "./launcher.ts";

/** In a process that a launcher has started: asks it to stop when the one that did so is gone. */
export function stopWithLauncher(lifeline: Lifeline): void {
  const stop = (): void => void process.kill(process.pid, "SIGTERM");
  if (lifeline === "input") {
    process.stdin.on("end", stop).resume().unref(); // it must not keep the process
    return;
  }
  if (!process.connected) return stop();
  process.once("disconnect", stop);
  process.channel?.unref(); // likewise
}
