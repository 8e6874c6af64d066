import { lastEnded } from "../ask/changes.ts";
import { tell } from "../parts/message.tsx";

/** Says so when a process that was started here has failed, with the last that it printed. */
export function tellEnds(): void {
  lastEnded.subscribe((event) => {
    if (!event || event.exitCode === 0) return;
    const how =
      event.exitCode === null ? "was ended by a signal" : `failed with code ${event.exitCode}`;
    const last = event.output.trim().split("\n").at(-1) ?? "";
    tell(`${event.command.slice(-2).join(" ")} ${how}: ${last}`, "failed");
  });
}
