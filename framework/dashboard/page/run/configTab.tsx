import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { CopyButton } from "../parts/copyButton.tsx";
import { Notice } from "../parts/notice.tsx";

/** The resolved spec, searchable. */
export function ConfigTab({ specYaml }: { readonly specYaml: string }): JSX.Element {
  const [search, setSearch] = useState("");
  if (!specYaml) return <Notice title="This run has no spec" />;
  const sought = search.toLowerCase();
  return (
    <section class="panel" aria-label="Spec">
      <header class="panel-head">
        <input
          type="search"
          data-filter
          aria-label="Search the spec"
          placeholder="Search the spec"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <CopyButton text={specYaml} />
      </header>
      <pre class="code" tabIndex={0}>
        {specYaml.split("\n").map((line, i) => (
          <YamlLine
            key={i}
            line={line}
            marked={sought !== "" && line.toLowerCase().includes(sought)}
          />
        ))}
      </pre>
    </section>
  );
}

function YamlLine({
  line,
  marked,
}: {
  readonly line: string;
  readonly marked: boolean;
}): JSX.Element {
  const [, key = "", rest = line] = /^(\s*(?:- )?[\w.-]+:)(.*)$/.exec(line) ?? [];
  const comment = /^\s*#/.test(line);
  return (
    <div class={marked ? "code-line marked" : "code-line"}>
      {key && <span class="code-key">{key}</span>}
      <span class={comment ? "muted" : ""}>{rest || (key ? "" : "\u200b")}</span>
    </div>
  );
}
