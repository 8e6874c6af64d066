import { expect } from "chai";
import { it } from "mocha";

import type { Logger } from "../../framework/tracking/logger.ts";

/** What the Trainer may do to any logger. */
export function loggerContract(open: () => Logger): void {
  it("takes every kind of value, flushes in between and closes", async () => {
    const logger = open();
    const point = { step: 0, epoch: 0, wallTimeSeconds: 1_700_000_000 };
    await logger.logHyperparameters({ seed: 1, nested: { list: [1, null], none: null, nan: NaN } });
    await logger.logMetrics({}, point);
    await logger.logMetrics({ "a/b": NaN, "c d": Infinity, é: -0, ["__proto__"]: 1e-310 }, point);
    await logger.flush();
    await logger.logImages("none", [], point);
    await logger.logImages(
      "../up/one",
      [{ png: Uint8Array.of(1), width: 1, height: 1, caption: "\n" }],
      point,
    );
    await logger.logHistogram("values", { values: [1, NaN, 3, Infinity] }, point);
    await logger.logHistogram("none", { values: new Float32Array() }, point);
    await logger.logHistogram("bins", { edges: [-1, 0, 2], counts: [5, 0] }, point);
    await logger.logText("text", "", { ...point, step: 1 });
    await logger.logTable("none", { columns: [], rows: [] }, point);
    const cells = ["a|b\n<b>", NaN, true, null];
    await logger.logTable("table", { columns: ["a", "a", "", "é"], rows: [cells] }, point);
    await logger.logPrCurve("curve", { labels: [], predictions: [] }, point);
    await logger.logPrCurve("pr", { labels: [1, 0], predictions: [0.5, 1], thresholds: 3 }, point);
    await logger.flush();
    await logger.flush();
    const artifact = { name: "best", type: "checkpoint", path: "a b", step: 1 } as const;
    await logger.logArtifact({ ...artifact, sha256: "ab", bytes: 3, direction: "output" });
    await logger.logArtifact({ ...artifact, sha256: null, bytes: null, direction: "input" });
    await logger.finalize("finished", { score: 1, note: "x" });
    expect(logger.name).to.match(/^[a-z]\w+$/i);
  });
}
