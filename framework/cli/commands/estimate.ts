import { formatByteCount, parseByteCount } from "../../base/byteCount.ts";
import { InputError } from "../../base/errors.ts";
import { textTable } from "../../base/textTable.ts";
import { runsOption, type Command } from "../command.ts";

/** `seedbed estimate SPEC [a.b=c ...] [--memory 8GB]` */
export const estimate: Command = (program, { terminal }) => {
  program.command(
    "estimate <spec> [overrides..]",
    "Say how much memory training would take, without training",
    (args) =>
      args
        .positional("spec", { type: "string", demandOption: true, describe: "YAML file" })
        .positional("overrides", {
          type: "string",
          array: true,
          default: [],
          describe: "Values to set, such as data.batchSize=4",
        })
        .option("memory", {
          type: "string",
          describe: "What there is, such as 8GB: says what would make training fit",
        })
        .option("bytes", { type: "boolean", hidden: true, default: false })
        .option("runs", runsOption),
    async ({ spec, overrides, memory, bytes, runs }) => {
      const budget = memory === undefined ? undefined : readBudget(memory);
      if (bytes) {
        const { loadExperimentSpec } = await import("../loadExperimentSpec.ts");
        const { estimateSpec } = await import("../estimating/estimateSpec.ts");
        const loaded = await loadExperimentSpec(spec, overrides);
        return terminal.print(String(await estimateSpec(loaded, runs)));
      }
      const { estimateApart } = await import("../estimating/estimateApart.ts");
      const needed = await estimateApart([spec, ...overrides], runs);
      terminal.print(`Training takes about ${formatByteCount(needed)}`);
      if (budget === undefined) return;
      if (needed <= budget) return terminal.print(`That fits ${formatByteCount(budget)}`);
      terminal.print(`That does not fit ${formatByteCount(budget)}. What would change it:`);
      const { findLevers, isAccepted } = await import("../estimating/levers.ts");
      const { loadExperimentSpec } = await import("../loadExperimentSpec.ts");
      const loaded = await loadExperimentSpec(spec, overrides);
      const accepts = (more: readonly string[]): Promise<boolean> =>
        isAccepted(spec, [...overrides, ...more]);
      const rows: string[][] = [];
      for (const lever of await findLevers(loaded.spec, accepts)) {
        const left = await estimateApart([spec, ...overrides, ...lever.overrides], runs);
        const fits = left <= budget ? "fits" : "";
        rows.push([
          lever.name,
          formatByteCount(left),
          fits,
          lever.overrides.join(" "),
          lever.price,
        ]);
      }
      terminal.print(textTable([["lever", "memory", "", "set", "price"], ...rows]).join("\n"));
    },
  );
};

function readBudget(text: string): number {
  try {
    return parseByteCount(text);
  } catch (cause) {
    throw new InputError(`Cannot use --memory: ${cause instanceof Error ? cause.message : text}`, {
      cause,
    });
  }
}
