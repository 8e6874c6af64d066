const longest = 100;

/** A value as messages show it: its JSON, which is cut where it is long. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    return "what is nested too deeply to show"; // the stack has an end
  }
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
