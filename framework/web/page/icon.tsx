import type { JSX } from "preact";

/** Paths on a 16 x 16 grid, drawn as lines. */
const paths = {
  close: "M4 4l8 8M12 4l-8 8",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  left: "M10 4L6 8l4 4",
  menu: "M3 8h.01M8 8h.01M13 8h.01",
  columns: "M2.5 3h11v10h-11zM6 3v10M10 3v10",
  group: "M2.5 3.5h11M5 8h8.5M5 12.5h8.5M2.5 6v6.5",
  star: "M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z",
  chart: "M2.5 2.5v11h11M4.5 10.5l3-4 2.5 2 3.5-5",
  table: "M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 3v10",
  sweep: "M3 2.5v11M8 2.5v11M13 2.5v11M3 5l5 5 5-6M3 11l5-6 5 5",
  compare: "M3 3.5h4v9H3zM9 3.5h4v9H9z",
  help: "M6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1v.6M8 12h.01M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z",
  theme: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 2v12M8 5l4-1M8 8h6M8 11l4 1",
  pin: "M5.5 2.5h5M6.5 2.5v4L4 9.5h8l-2.5-3v-4M8 9.5v4",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
  hidden:
    "M2 2l12 12M4 4.7A11 11 0 0 0 1.5 8S4 12.5 8 12.5c1.2 0 2.3-.4 3.2-1M7 3.6c4.7-.7 7.5 4.4 7.5 4.4l-1.5 2",
  download: "M8 2.5v7.5M5 7.5l3 3 3-3M3 13.5h10",
  expand: "M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5l-4.5 4.5M2.5 13.5l4.5-4.5",
  play: "M5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  bookmark: "M4 2.5h8v11l-4-3-4 3z",
  trash: "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9",
  stop: "M4 4h8v8H4z",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3.5 3.5",
  reset: "M3 3v3.5h3.5M3.3 6.5A5 5 0 1 1 3 8.5",
  plus: "M8 3v10M3 8h10",
  sliders: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
} as const;

export type IconName = keyof typeof paths;

/** A picture beside a label: hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
