import type { JSX } from "preact";

import { address, setParameters } from "../address/address.ts";

/** What is searched for in a view, which the address says. */
export function searchedText(): string {
  return address.value.parameters["search"] ?? "";
}

/** Where one types what to search for; the key `/` leads here. */
export function SearchBox({ label }: { readonly label: string }): JSX.Element {
  return (
    <input
      type="search"
      data-filter
      aria-label={label}
      placeholder={label}
      value={searchedText()}
      onInput={(event) =>
        setParameters({ search: event.currentTarget.value || null }, { replace: true })
      }
    />
  );
}
