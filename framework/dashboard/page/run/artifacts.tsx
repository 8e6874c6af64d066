import type { JSX } from "preact";

import { linkTo } from "../address/address.ts";
import { formatBytes } from "../format/number.ts";
import { DataTable } from "../parts/dataTable.tsx";

/** An artifact of a manifest, which may have been written by any version. */
interface Artifact {
  readonly name: string;
  readonly type: string;
  readonly direction: string;
  readonly path: string;
  readonly step: number | null;
  readonly bytes: number | null;
  readonly sha256: string;
  readonly from: string;
}

/** Files that the run made or used. */
export function Artifacts({ artifacts }: { readonly artifacts: unknown }): JSX.Element {
  const list = Array.isArray(artifacts) ? artifacts.map(readArtifact) : [];
  if (list.length === 0) return <p class="muted">This run has recorded no artifacts</p>;
  return (
    <DataTable
      label="Artifacts"
      columns={["name", "type", "", "path", "step", "size", "SHA-256", "from"]}
      rows={list.map(({ name, type, direction, path, step, bytes, sha256, from }) => [
        ...[name, type, direction, path, step, bytes, sha256, from],
      ])}
      cell={(row, column) => {
        const artifact = list[row];
        if (!artifact) return undefined;
        if (column === 5 && artifact.bytes !== null) return formatBytes(artifact.bytes);
        if (column === 6)
          return <code title={artifact.sha256}>{artifact.sha256.slice(0, 12)}</code>;
        if (column === 7 && artifact.from) {
          return <a href={linkTo(["run", artifact.from])}>{artifact.from}</a>;
        }
        return undefined;
      }}
    />
  );
}

function readArtifact(value: unknown): Artifact {
  const fields: Record<string, unknown> = { ...(typeof value === "object" ? value : {}) };
  const text = (name: string): string => (typeof fields[name] === "string" ? fields[name] : "");
  const number = (name: string): number | null =>
    typeof fields[name] === "number" ? fields[name] : null;
  const from: Record<string, unknown> = {
    ...(typeof fields["from"] === "object" ? fields["from"] : {}),
  };
  return {
    name: text("name"),
    type: text("type"),
    direction: text("direction"),
    path: text("path"),
    step: number("step"),
    bytes: number("bytes"),
    sha256: text("sha256"),
    from: typeof from["run"] === "string" ? from["run"] : "",
  };
}
