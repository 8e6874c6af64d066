import type { JSX } from "preact";

import type { RunAnswer } from "../../api.ts";
import { address, linkTo, navigate } from "../address/address.ts";
import { runPath } from "../ask/ask.ts";
import { useAnswer } from "../ask/useAnswer.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { Loading, Notice } from "../parts/notice.tsx";
import { ConfigTab } from "./configTab.tsx";
import { ConsoleTab } from "./consoleTab.tsx";
import { GitTab } from "./gitTab.tsx";
import { HistogramsTab } from "./histogramsTab.tsx";
import { LineageTab } from "./lineageTab.tsx";
import { MediaTab } from "./mediaTab.tsx";
import { OverviewTab } from "./overviewTab.tsx";
import { RunChartsTab } from "./runChartsTab.tsx";
import { RunHead } from "./runHead.tsx";
import { SystemTab } from "./systemTab.tsx";

const tabs = [
  ["overview", "Overview"],
  ["charts", "Charts"],
  ["media", "Media"],
  ["histograms", "Histograms"],
  ["console", "Console"],
  ["system", "System"],
  ["config", "Config"],
  ["git", "Git"],
  ["lineage", "Lineage"],
] as const;

type Tab = (typeof tabs)[number][0];

/** Everything about one run. */
export function RunView(): JSX.Element {
  const [, key = "", place] = address.value.path;
  const tab = tabs.find(([name]) => name === place)?.[0] ?? "overview";
  const { answer, error } = useAnswer<RunAnswer>(runPath(key), { follow: [key] });
  useShortcuts([
    { keys: "]", label: "Next tab", act: () => goToTab(key, tab, 1) },
    { keys: "[", label: "Previous tab", act: () => goToTab(key, tab, -1) },
  ]);
  if (!answer) {
    if (!error) return <Loading rows={12} />;
    return (
      <Notice kind="error" title={error.message}>
        <a href={linkTo(["runs"])}>All runs</a>
      </Notice>
    );
  }
  return (
    <div class="page">
      <RunHead answer={answer} />
      {error && (
        <p class="warning" role="alert">
          {error.status === 404
            ? "The folder of this run is gone; what was read of it before is still shown."
            : error.message}
        </p>
      )}
      {answer.run.problems.map((problem) => (
        <p key={problem} class="warning">
          {problem}
        </p>
      ))}
      <nav class="tabs" aria-label="Parts of the run">
        {tabs.map(([name, words]) => (
          <a
            key={name}
            href={linkTo(["run", key, name])}
            aria-current={name === tab ? "page" : undefined}
          >
            {words}
          </a>
        ))}
      </nav>
      <TabContent tab={tab} answer={answer} />
    </div>
  );
}

function TabContent({
  tab,
  answer,
}: {
  readonly tab: Tab;
  readonly answer: RunAnswer;
}): JSX.Element {
  const { run, media } = answer;
  switch (tab) {
    case "overview":
      return <OverviewTab answer={answer} />;
    case "charts":
      return <RunChartsTab run={run} />;
    case "media":
      return <MediaTab run={run} media={media} />;
    case "histograms":
      return <HistogramsTab run={run} media={media} />;
    case "console":
      return <ConsoleTab run={run} />;
    case "system":
      return <SystemTab run={run} />;
    case "config":
      return <ConfigTab specYaml={answer.specYaml} />;
    case "git":
      return <GitTab answer={answer} />;
    case "lineage":
      return <LineageTab answer={answer} />;
  }
}

function goToTab(key: string, tab: Tab, by: number): void {
  const now = tabs.findIndex(([name]) => name === tab);
  const [next] = tabs[(now + by + tabs.length) % tabs.length] ?? ["overview"];
  navigate(linkTo(["run", key, next]).slice(1));
}
