import type { JSX } from "preact";
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";

import { address, linkTo, navigate } from "./address/address.ts";
import { Header } from "./header.tsx";
import { HelpDialog } from "./keys/helpDialog.tsx";
import { useShortcuts } from "./keys/shortcuts.ts";
import { Message } from "./parts/message.tsx";
import { Notice } from "./parts/notice.tsx";
import { keptParameters } from "./places.ts";
import { View } from "./view.tsx";

/** The whole page: header, the view that the address names, help and messages. */
export function App(): JSX.Element {
  const [help, setHelp] = useState(false);
  useShortcuts([
    { keys: "?", label: "Show the keys", act: () => setHelp(true) },
    { keys: "/", label: "Go to the filter or search", act: focusFilter },
    ...[
      { keys: "g t", label: "Go to the run table", place: "runs" },
      { keys: "g c", label: "Go to the charts", place: "charts" },
      { keys: "g d", label: "Go to the comparison", place: "compare" },
      { keys: "g s", label: "Go to the sweeps", place: "sweeps" },
    ].map(({ keys, label, place }) => ({ keys, label, act: () => goTo(place) })),
  ]);
  return (
    <>
      <a class="skip-link" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <Header onHelp={() => setHelp(true)} />
      <Main />
      <Message />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </>
  );
}

/** Takes the focus when the view changes, so that keys and screen readers start there. */
function Main(): JSX.Element {
  const { path } = address.value;
  const element = useRef<HTMLElement>(null);
  const first = useRef(true);
  const [failure, retry] = useErrorBoundary((error) => console.error(error));
  const place = path.slice(0, 2).join("/");
  useEffect(() => {
    if (!first.current) element.current?.focus({ preventScroll: true });
    first.current = false;
    retry();
    scrollTo(0, 0);
  }, [place]);
  return (
    <main id="main" tabIndex={-1} ref={element}>
      {failure ? (
        <Notice kind="error" title="This view has failed">
          <p>{String(failure)}</p>
          <button onClick={retry}>Try again</button>
        </Notice>
      ) : (
        <View />
      )}
    </main>
  );
}

function goTo(place: string): void {
  navigate(linkTo([place], {}, keptParameters).slice(1));
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>("[data-filter]")?.focus();
}

function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
