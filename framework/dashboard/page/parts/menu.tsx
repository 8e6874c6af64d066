import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Icon, type IconName } from "../../../web/page/icon.tsx";

interface MenuProps {
  readonly label: string;
  readonly icon?: IconName;
  /** Only the icon is shown; the label is read out. */
  readonly compact?: boolean;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a panel under it. Escape or a click elsewhere closes it. */
export function Menu({ label, icon, compact = false, children }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  useDismissal(root, open, () => setOpen(false));
  return (
    <div
      class="menu"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        class={compact ? "quiet icon-button" : ""}
        aria-expanded={open}
        aria-label={compact ? label : undefined}
        title={compact ? label : undefined}
        onClick={() => setOpen(!open)}
      >
        {icon && <Icon name={icon} />}
        {!compact && label}
      </button>
      {open && <Panel>{children(close)}</Panel>}
    </div>
  );
}

/** Moves into the window where it would stand out, and takes the focus. */
function Panel({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const panel = element.current;
    const anchor = panel?.parentElement?.getBoundingClientRect();
    if (!panel || !anchor) return;
    const { width, height } = panel.getBoundingClientRect();
    const below = innerHeight - anchor.bottom - 8;
    const top =
      below < height && anchor.top > below
        ? Math.max(8, anchor.top - height - 4)
        : anchor.bottom + 4;
    panel.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
    panel.style.top = `${top}px`;
    panel.style.maxHeight = `${innerHeight - top - 8}px`;
    panel.querySelector<HTMLElement>("input, button, select")?.focus();
  }, []);
  return (
    <div class="menu-panel" ref={element}>
      {children}
    </div>
  );
}

function useDismissal(
  root: { readonly current: HTMLElement | null },
  open: boolean,
  dismiss: () => void,
): void {
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) dismiss();
    };
    addEventListener("pointerdown", outside);
    addEventListener("focusin", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("focusin", outside);
    };
  }, [open]);
}

interface MenuItemProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly checked?: boolean;
  readonly disabled?: boolean;
}

export function MenuItem({
  children,
  onClick,
  checked,
  disabled = false,
}: MenuItemProps): JSX.Element {
  return (
    <button class="menu-item" aria-pressed={checked} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}
