import type { JSX } from "preact";

import type { RunAnswer } from "../../api.ts";
import { CopyButton } from "../parts/copyButton.tsx";
import { Notice } from "../parts/notice.tsx";
import { environmentRows } from "./environmentRows.ts";

const shownLines = 5000;

/** The commit, and what differed from it. */
export function GitTab({ answer }: { readonly answer: RunAnswer }): JSX.Element {
  const { manifest, gitPatch } = answer;
  const facts = environmentRows({ git: manifest["git"] });
  const lines = gitPatch.split("\n");
  if (facts.length === 0 && !gitPatch)
    return <Notice title="This run's code was in no repository" />;
  return (
    <section class="panel" aria-label="Uncommitted changes">
      <header class="panel-head">
        {facts.map(([name, value]) => (
          <span key={name}>
            <span class="muted">{name.replace(/^git\./, "")}</span> <code>{value}</code>
          </span>
        ))}
        {gitPatch && <CopyButton text={gitPatch} />}
      </header>
      {gitPatch ? (
        <pre class="code" tabIndex={0}>
          {lines.slice(0, shownLines).map((line, i) => (
            <div key={i} class={`code-line ${patchClass(line)}`}>
              {line || "\u200b"}
            </div>
          ))}
          {lines.length > shownLines && `… ${lines.length - shownLines} more lines in git.patch`}
        </pre>
      ) : (
        <p class="muted panel-body">Nothing differed from the commit when the run started</p>
      )}
    </section>
  );
}

function patchClass(line: string): string {
  if (/^(diff|index|---|\+\+\+) /.test(line)) return "patch-head";
  if (line.startsWith("@@")) return "patch-place";
  if (line.startsWith("+")) return "patch-added";
  return line.startsWith("-") ? "patch-removed" : "";
}
