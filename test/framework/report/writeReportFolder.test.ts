import { existsSync, readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { rgbImage } from "../../../framework/data/image.ts";
import type { Report } from "../../../framework/report/report.ts";
import { writeReportFolder } from "../../../framework/report/writeReportFolder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { exampleReport } from "./exampleReport.ts";

describe("writeReportFolder()", () => {
  const folder = temporaryFolder();

  it("writes the pages asked for, their pictures, and the numbers", async () => {
    const out = folder.path("report");
    await writeReportFolder(out, exampleReport, ["html", "markdown"]);
    expect(readdirSync(out)).to.have.members([
      "report.html",
      "report.md",
      "report.json",
      "pictures",
    ]);
    expect(readdirSync(`${out}/pictures`)).to.have.members(["plane.svg", "shown.png"]);
    expect(JSON.parse(readFileSync(`${out}/report.json`, "utf8"))).to.deep.equal({ runs: [1, 2] });
    await writeReportFolder(out, exampleReport, ["html"]);
    expect(readdirSync(out)).to.have.members(["report.html", "report.json"]);
  });

  it("leaves nothing when it fails", async () => {
    const sizes = [rgbImage(1, 1, new Uint8Array(3)), rgbImage(2, 1, new Uint8Array(6))];
    const uneven: Report = {
      ...exampleReport,
      blocks: [{ kind: "pictures", name: "p", rows: [{ label: "a", pictures: sizes }] }],
    };
    let problem: unknown;
    await writeReportFolder(folder.path("report"), uneven, ["markdown"]).catch((error: unknown) => {
      problem = error;
    });
    expect(problem).to.be.instanceOf(RangeError);
    expect(readdirSync(folder.path())).to.deep.equal([]);
    expect(existsSync(folder.path("report"))).to.equal(false);
  });
});
