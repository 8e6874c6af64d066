import type { NotesChange } from "../../api.ts";
import { ask, runPath } from "../ask/ask.ts";
import { attempt } from "../parts/message.tsx";

/** Changes what the user says of runs; their files are written by the server. */
export async function changeNotes(
  keys: readonly string[],
  change: NotesChange,
  done = "",
): Promise<boolean> {
  return await attempt(async () => {
    await Promise.all(keys.map((key) => ask(runPath(key, "notes"), { body: change })));
    return done;
  });
}
