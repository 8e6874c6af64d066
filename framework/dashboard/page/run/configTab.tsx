import type { JSX } from "preact";

import { CopyButton } from "../parts/copyButton.tsx";
import { Notice } from "../parts/notice.tsx";
import { SearchBox, searchedText } from "../parts/searchBox.tsx";

/** The resolved spec, searchable. */
export function ConfigTab({ specYaml }: { readonly specYaml: string }): JSX.Element {
  if (!specYaml) return <Notice title="This run has no spec" />;
  const sought = searchedText().toLowerCase();
  return (
    <section class="panel" aria-label="Spec">
      <header class="panel-head">
        <SearchBox label="Search the spec" />
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
