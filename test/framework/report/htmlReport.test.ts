import { expect } from "chai";
import { describe, it } from "mocha";

import { htmlReport } from "../../../framework/report/htmlReport.ts";
import { exampleReport } from "./exampleReport.ts";

describe("htmlReport()", () => {
  it("writes a page that names no other file, with text as it is", async () => {
    const page = await htmlReport(exampleReport);
    expect(page)
      .to.include("<h1>A &amp; B</h1>")
      .and.include("<dt>score</dt><dd>higher is better</dd>");
    expect(page).to.include('<td class="best">0.50<span class="deviation"> ± 0.13</span></td>');
    expect(page).to.include(
      '<tr class="baseline"><th>base</th><td>9.00</td><td>–</td><td>&lt;none&gt;</td>',
    );
    expect(page).to.include("<th>red</th><th>blue</th>").and.include("<svg xmlns=");
    const sources = [...page.matchAll(/(?:src|href)="([^"]{0,22})/g)].map(([, source]) => source);
    expect(sources).to.deep.equal(Array(2).fill("data:image/png;base64,"));
  });
});
