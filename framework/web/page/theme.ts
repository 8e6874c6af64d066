import { effect, signal, type Signal } from "@preact/signals";

export type ThemeChoice = "system" | "light" | "dark";

const storageKey = "seedbed.theme";
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(prefersDark.matches);

/** What the user chose; "system" follows `prefers-color-scheme`. */
export const themeChoice: Signal<ThemeChoice> = signal(storedChoice());

/** Whether the page is dark now. */
export function isDark(): boolean {
  return themeChoice.value === "system" ? systemDark.value : themeChoice.value === "dark";
}

/** Keeps the document's `data-theme` right. */
export function followTheme(): void {
  prefersDark.addEventListener("change", ({ matches }) => (systemDark.value = matches));
  effect(() => {
    localStorage.setItem(storageKey, themeChoice.value);
    document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
  });
}

/** A colour of the style sheet, for a canvas. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey);
  return stored === "light" || stored === "dark" ? stored : "system";
}
