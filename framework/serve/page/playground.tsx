import type { JSX } from "preact";

import { Icon } from "../../web/page/icon.tsx";
import { themeChoice, type ThemeChoice } from "../../web/page/theme.ts";
import {
  allCounts,
  lastCounts,
  messages,
  problem,
  startAnew,
  wantsKey,
  type Counts,
} from "./chat.ts";
import { Composer } from "./composer.tsx";
import { KeyForm } from "./keyForm.tsx";
import { MessageView } from "./messageView.tsx";
import { Settings } from "./settings.tsx";

const themes: Readonly<Record<ThemeChoice, ThemeChoice>> = {
  ...{ system: "light", light: "dark", dark: "system" },
};

/** A chat with one of the server's models. */
export function Playground(): JSX.Element {
  return (
    <>
      <header class="head">
        <h1>Seedbed playground</h1>
        <button class="push" onClick={startAnew}>
          New chat
        </button>
        <button
          class="quiet icon-button"
          aria-label={`Theme: ${themeChoice.value}`}
          title={`Theme: ${themeChoice.value}`}
          onClick={() => (themeChoice.value = themes[themeChoice.value])}
        >
          <Icon name="theme" />
        </button>
      </header>
      <main class="columns">
        <Settings />
        <section class="chat" aria-label="Chat">
          {wantsKey.value && <KeyForm />}
          <ol class="messages plain-list" aria-live="polite">
            {messages.value.map((message, i) => (
              <MessageView key={i} message={message} />
            ))}
          </ol>
          {messages.value.length === 0 && !wantsKey.value && (
            <p class="muted empty">Say something to the model.</p>
          )}
          {problem.value !== "" && (
            <p class="problem" role="alert">
              {problem.value}
            </p>
          )}
          <Composer />
          <CountLine />
        </section>
      </main>
    </>
  );
}

function CountLine(): JSX.Element {
  return (
    <p class="counts muted" aria-label="Tokens">
      <span>Last answer: {countText(lastCounts.value)}</span>
      <span>All: {countText(allCounts.value)}</span>
    </p>
  );
}

function countText({ prompt, cached, completion, cost }: Counts): string {
  const tokens = `${prompt} tokens in (${cached} cached), ${completion} out`;
  return cost === undefined ? tokens : `${tokens}, $${cost.toPrecision(3)}`;
}
