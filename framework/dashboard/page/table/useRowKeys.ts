import type { TableRow } from "../../api.ts";
import { linkTo, navigate } from "../address/address.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { changeNotes } from "../run/changeNotes.ts";
import { rowRun } from "./rowRun.ts";
import { chooseRuns, pinRuns, type TableState } from "./tableState.ts";

/** The keys that move through the table, and that do something with the row one is at. */
export function useRowKeys(
  state: TableState,
  current: number,
  goTo: (index: number) => void,
  rowAt: (index: number) => TableRow | undefined,
  toggle: (index: number) => void,
): void {
  const withRow = (act: (row: TableRow) => void) => (): void => {
    const row = rowAt(current);
    if (row) act(row);
  };
  const choose = withRow(({ keys }) =>
    chooseRuns(keys, !keys.every((key) => state.chosen.includes(key))),
  );
  const open = withRow((row) => {
    const [key] = row.keys;
    if (row.count > 1) toggle(current);
    else if (key !== undefined) navigate(linkTo(["run", key]).slice(1));
  });
  const star = withRow((row) => {
    const { keys, starred } = rowRun(row, state.groupBy);
    void changeNotes(keys, { starred: !starred });
  });
  const pin = withRow(({ keys, count }) => {
    if (count === 1) pinRuns(keys, !keys.every((key) => state.pinnedRuns.includes(key)));
  });
  useShortcuts([
    { keys: "j", label: "Next run", act: () => goTo(current + 1) },
    { keys: "k", label: "Previous run", act: () => goTo(current - 1) },
    { keys: "ArrowDown", label: "Next run", act: () => goTo(current + 1) },
    { keys: "ArrowUp", label: "Previous run", act: () => goTo(current - 1) },
    { keys: "PageDown", label: "20 runs on", act: () => goTo(current + 20) },
    { keys: "PageUp", label: "20 runs back", act: () => goTo(current - 20) },
    { keys: "Home", label: "First run", act: () => goTo(0) },
    { keys: "o", label: "Open the run or the group", act: open },
    { keys: "x", label: "Choose the run", act: choose },
    { keys: "s", label: "Star the run", act: star },
    { keys: "p", label: "Pin the run to the top", act: pin },
  ]);
}
