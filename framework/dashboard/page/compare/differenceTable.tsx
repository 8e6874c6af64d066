import type { JSX } from "preact";

import type { Cell, IndexedRun } from "../../../store/indexedRun.ts";
import { Icon } from "../../../web/page/icon.tsx";
import { isDark } from "../../../web/page/theme.ts";
import type { CompareAnswer } from "../../api.ts";
import { address, linkTo, setParameters } from "../address/address.ts";
import { commonFolder } from "../charts/commonFolder.ts";
import { runColour } from "../colours/runColour.ts";
import { Notice } from "../parts/notice.tsx";
import { SearchBox, searchedText } from "../parts/searchBox.tsx";
import { runTitle } from "../run/runTitle.ts";
import { cellText } from "../table/cellText.ts";
import { chooseRuns } from "../table/tableState.ts";

type Section = CompareAnswer["sections"][number];

const sectionNames = {
  config: "Settings",
  environment: "Environment",
  summary: "Results",
  metrics: "Metrics",
} as const;

/** Settings, environment and results in rows, runs in columns; what differs from the first is marked. */
export function DifferenceTable({ answer }: { readonly answer: CompareAnswer }): JSX.Element {
  const { parameters } = address.value;
  const all = parameters["all"] === "1";
  const search = searchedText();
  const { runs } = answer;
  const common = commonFolder(runs.map(runTitle));
  const sections = answer.sections
    .map((section) => ({ ...section, rows: shownRows(section, all || runs.length < 2, search) }))
    .filter(({ rows }) => rows.length > 0);
  return (
    <>
      <div class="tools">
        <SearchBox label="Search names" />
        <label class="field">
          <input
            type="checkbox"
            checked={!all}
            onChange={(event) => setParameters({ all: event.currentTarget.checked ? null : "1" })}
          />
          Only differences
        </label>
      </div>
      {sections.length === 0 ? (
        <Notice title={search ? "No name has these words" : "Nothing differs between these runs"} />
      ) : (
        <div class="panel differences" tabIndex={0} role="region" aria-label="Differences">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                {runs.map((run) => (
                  <RunHeading
                    key={run.key}
                    run={run}
                    name={runTitle(run).slice(common)}
                    removable={runs.length > 1}
                  />
                ))}
              </tr>
            </thead>
            {sections.map(({ name, rows }) => (
              <tbody key={name}>
                <tr class="section-row">
                  <th scope="rowgroup" colSpan={runs.length + 1}>
                    {sectionNames[name]}
                  </th>
                </tr>
                {rows.map((row) => (
                  <Row key={row.name} row={row} />
                ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </>
  );
}

function RunHeading({
  run,
  name,
  removable,
}: {
  readonly run: IndexedRun;
  readonly name: string;
  readonly removable: boolean;
}): JSX.Element {
  const title = runTitle(run);
  return (
    <th scope="col">
      <span class="run-heading">
        <span class="swatch" style={{ background: runColour(run, isDark()) }} />
        <a class="clip" href={linkTo(["run", run.key])} title={title}>
          {name}
        </a>
        {removable && (
          <button
            class="quiet icon-button"
            aria-label={`Take ${title} out`}
            onClick={() => chooseRuns([run.key], false)}
          >
            <Icon name="close" />
          </button>
        )}
      </span>
    </th>
  );
}

function Row({ row }: { readonly row: Section["rows"][number] }): JSX.Element {
  const [first] = row.values;
  return (
    <tr>
      <th scope="row" title={row.name}>
        {row.name}
      </th>
      {row.values.map((value, i) => (
        <Value key={i} name={row.name} value={value} differs={row.differs && value !== first} />
      ))}
    </tr>
  );
}

function Value(props: {
  readonly name: string;
  readonly value: Cell;
  readonly differs: boolean;
}): JSX.Element {
  const { name, value, differs } = props;
  const { text, title, strange } = cellText(name, value, Date.now());
  return (
    <td
      class={[differs && "differs", strange && "strange"].filter(Boolean).join(" ")}
      title={title}
    >
      {value === null ? <span class="muted">none</span> : text}
    </td>
  );
}

function shownRows({ rows }: Section, all: boolean, search: string): Section["rows"] {
  const sought = search.toLowerCase();
  return rows.filter(
    ({ name, differs }) => (all || differs) && name.toLowerCase().includes(sought),
  );
}
