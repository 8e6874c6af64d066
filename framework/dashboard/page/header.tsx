import type { JSX } from "preact";

import { Icon } from "../../web/page/icon.tsx";
import { themeChoice, type ThemeChoice } from "../../web/page/theme.ts";
import type { InfoAnswer } from "../api.ts";
import { address, linkTo } from "./address/address.ts";
import { connection } from "./ask/changes.ts";
import { useAnswer } from "./ask/useAnswer.ts";
import { keptParameters, places } from "./places.ts";
import { SavedViews } from "./savedViews.tsx";

export function Header({ onHelp }: { readonly onHelp: () => void }): JSX.Element {
  return (
    <header class="top">
      <a class="brand" href={linkTo(["runs"])}>
        <Leaf /> Seedbed
      </a>
      <Places />
      <Connection />
      <SavedViews />
      <ThemeSwitch />
      <button
        class="quiet icon-button"
        aria-label="Keys and help"
        title="Keys (?)"
        onClick={onHelp}
      >
        <Icon name="help" />
      </button>
    </header>
  );
}

function Places(): JSX.Element {
  const [here = "runs"] = address.value.path;
  const place = here === "run" ? "runs" : here === "sweep" ? "sweeps" : here;
  return (
    <nav class="places" aria-label="Views">
      {places.map(({ path, name, icon }) => (
        <a
          key={path}
          href={linkTo([path], {}, keptParameters)}
          aria-current={place === path ? "page" : undefined}
        >
          <Icon name={icon} />
          {name}
        </a>
      ))}
    </nav>
  );
}

const connectionWords = {
  connecting: "connecting",
  live: "live",
  lost: "connection lost, trying again",
} as const;

function Connection(): JSX.Element {
  const { answer } = useAnswer<InfoAnswer>("/api/info", { follow: "all" });
  const words = connectionWords[connection.value];
  const folders = answer?.folders.join("\n") ?? "";
  return (
    <span class={`connection connection-${connection.value}`} role="status" title={folders}>
      <span class="connection-dot" aria-hidden="true" />
      <span class="connection-words">
        {answer && `${answer.runs} ${answer.runs === 1 ? "run" : "runs"}, `}
        {words}
      </span>
    </span>
  );
}

const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = {
  system: "light",
  light: "dark",
  dark: "system",
};

function ThemeSwitch(): JSX.Element {
  const choice = themeChoice.value;
  const label = `Colours: ${choice === "system" ? "as the system" : choice}`;
  return (
    <button
      class="quiet icon-button"
      aria-label={label}
      title={label}
      onClick={() => (themeChoice.value = nextTheme[choice])}
    >
      <Icon name="theme" />
    </button>
  );
}

function Leaf(): JSX.Element {
  return (
    <svg class="leaf" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M10 18v-7" />
      <path class="leaf-blade" d="M10 11c0-4 2.5-7 7.5-7 0 5-3 7.5-7.5 7z" />
      <path class="leaf-blade" d="M10 13c0-3-2-5.5-6.5-5.5 0 4 2.5 6 6.5 5.5z" />
    </svg>
  );
}
