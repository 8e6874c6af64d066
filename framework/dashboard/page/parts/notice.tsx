import type { ComponentChildren, JSX } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly kind?: "empty" | "error";
  readonly children?: ComponentChildren;
}

/** Stands where there is nothing to show, and says why and what to do. */
export function Notice({ title, kind = "empty", children }: NoticeProps): JSX.Element {
  return (
    <div class={`notice notice-${kind}`} role={kind === "error" ? "alert" : "status"}>
      <p class="notice-title">{title}</p>
      {children}
    </div>
  );
}

/** Bars in the place of what is on its way. */
export function Loading({ rows = 6 }: { readonly rows?: number }): JSX.Element {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} class="loading-bar" />
      ))}
    </div>
  );
}
