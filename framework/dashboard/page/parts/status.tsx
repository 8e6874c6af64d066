import type { JSX } from "preact";

const marks: Readonly<Record<string, string>> = {
  running: "●",
  finished: "✓",
  failed: "✕",
  interrupted: "‖",
};

/** A run's status by word, mark and colour, so that none of them is needed alone. */
export function Status({ status }: { readonly status: string }): JSX.Element {
  return (
    <span class={`status status-${status}`}>
      <span aria-hidden="true">{marks[status] ?? "?"}</span> {status}
    </span>
  );
}
