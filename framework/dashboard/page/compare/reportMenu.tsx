import type { JSX } from "preact";

import { Menu } from "../parts/menu.tsx";

/** The comparison as a file that can be shared. */
export function ReportMenu({ keys }: { readonly keys: readonly string[] }): JSX.Element {
  const runs = keys.map(encodeURIComponent).join(",");
  return (
    <Menu label="Report" icon="download">
      {(close) => (
        <>
          <a
            class="menu-item"
            download
            href={`/api/report?runs=${runs}&format=html`}
            onClick={close}
          >
            One HTML file
          </a>
          <a
            class="menu-item"
            download
            href={`/api/report?runs=${runs}&format=markdown`}
            onClick={close}
          >
            Markdown
          </a>
        </>
      )}
    </Menu>
  );
}
