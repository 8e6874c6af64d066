import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { formatDuration } from "../../../base/formatDuration.ts";
import type { IndexedRun } from "../../../store/indexedRun.ts";
import type { RunAnswer } from "../../api.ts";
import { formatAgo, formatTime } from "../format/time.ts";
import { CopyButton } from "../parts/copyButton.tsx";
import { DataTable } from "../parts/dataTable.tsx";
import { Artifacts } from "./artifacts.tsx";
import { changeNotes } from "./changeNotes.ts";
import { environmentRows } from "./environmentRows.ts";
import { TagEditor } from "./tagEditor.tsx";

/** What one wants to know first. */
export function OverviewTab({ answer }: { readonly answer: RunAnswer }): JSX.Element {
  const { run, manifest } = answer;
  const summary = Object.entries(run.summary);
  const metrics = Object.entries(run.metrics);
  return (
    <div class="overview">
      <Panel title="Run">
        <Facts run={run} command={manifest["command"]} exitCode={manifest["exitCode"]} />
      </Panel>
      <Panel title="Notes">
        <TagEditor run={run} />
        <NotesEditor run={run} />
      </Panel>
      {summary.length > 0 && (
        <Panel title="Result">
          <DataTable label="Result" columns={["name", "value"]} rows={summary} />
        </Panel>
      )}
      <Panel title="Metrics">
        <DataTable
          label="Metrics"
          columns={["metric", "last", "min", "at step", "max", "at step", "points"]}
          rows={metrics.map(([name, { last, min, minStep, max, maxStep, count }]) => [
            ...[name, last, min, minStep, max, maxStep, count],
          ])}
        />
      </Panel>
      <Panel title="Environment">
        <dl class="facts">
          {environmentRows(manifest).map(([name, value]) => (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ))}
        </dl>
      </Panel>
      <Panel title="Artifacts">
        <Artifacts artifacts={manifest["artifacts"]} />
      </Panel>
    </div>
  );
}

function Panel({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="panel" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts(props: {
  readonly run: IndexedRun;
  readonly command: unknown;
  readonly exitCode: unknown;
}): JSX.Element {
  const { run, exitCode } = props;
  const nowMs = useNow();
  const command = Array.isArray(props.command) ? props.command.map(shellWord).join(" ") : "";
  return (
    <dl class="facts">
      <Fact name="id">
        <code>{run.id}</code>
      </Fact>
      <Fact name="folder">
        <code>{run.folder}</code>
      </Fact>
      {command && (
        <Fact name="command">
          <code>{command}</code> <CopyButton text={command} />
        </Fact>
      )}
      <Fact name="started">
        {formatTime(Date.parse(run.startedAt))}{" "}
        <span class="muted">{formatAgo(run.startedAt, nowMs)}</span>
      </Fact>
      <Fact name={run.status === "running" ? "last heartbeat" : "ended"}>
        <Moment
          iso={run.status === "running" ? run.heartbeatAt : (run.endedAt ?? run.heartbeatAt)}
          nowMs={nowMs}
        />
      </Fact>
      <Fact name="duration">{formatDuration(run.durationSeconds)}</Fact>
      <Fact name="step">{run.step}</Fact>
      <Fact name="seed">{run.seed ?? "none"}</Fact>
      {typeof exitCode === "number" && <Fact name="exit code">{exitCode}</Fact>}
      {run.sweep && (
        <Fact name="sweep">
          <a href={`#/sweep/${encodeURIComponent(run.sweep.id)}`}>{run.sweep.name}</a>, trial{" "}
          {run.sweep.trial}
        </Fact>
      )}
      <Fact name="written by">{run.source}</Fact>
    </dl>
  );
}

function Moment({ iso, nowMs }: { readonly iso: string; readonly nowMs: number }): JSX.Element {
  return (
    <>
      {formatTime(Date.parse(iso))} <span class="muted">{formatAgo(iso, nowMs)}</span>
    </>
  );
}

const clockMs = 10_000;

function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), clockMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function NotesEditor({ run }: { readonly run: IndexedRun }): JSX.Element {
  const [text, setText] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    if (text === null) return;
    if (await changeNotes([run.key], { notes: text }, "Saved the notes")) setText(null);
  };
  return (
    <>
      <textarea
        aria-label="Notes"
        rows={4}
        placeholder="What was tried, what came of it"
        value={text ?? run.notes}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
        }}
      />
      {text !== null && text !== run.notes && (
        <div class="row notes-foot">
          <button class="primary" onClick={() => void save()}>
            Save
          </button>
          <button onClick={() => setText(null)}>Discard</button>
        </div>
      )}
    </>
  );
}

/** As one would type it. */
function shellWord(word: unknown): string {
  const text = String(word);
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
