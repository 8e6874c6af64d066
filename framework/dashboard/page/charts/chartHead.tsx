import type { ComponentChildren, JSX } from "preact";

interface ChartHeadProps {
  readonly name: string;
  /** Buttons after the name. */
  readonly children?: ComponentChildren;
}

/** What a chart shows, by name. */
export function ChartHead({ name, children }: ChartHeadProps): JSX.Element {
  return (
    <header class="chart-head">
      <h3 class="clip" title={name}>
        {name}
      </h3>
      {children}
    </header>
  );
}
