import { expect } from "chai";
import { describe, it } from "mocha";

import { markdownReport } from "../../../framework/report/markdownReport.ts";
import { exampleReport } from "./exampleReport.ts";

describe("markdownReport()", () => {
  it("writes every kind of block, the best of the rows that compete in bold", () => {
    expect(markdownReport(exampleReport)).to.equal(
      String.raw`# A & B

## Numbers

Of \*two\* runs.

- **score**: higher is better

| run | score ↑ | loss ↓ | weights |
| --- | ---: | ---: | ---: |
| base | 9.00 | – | \<none\> |
| a\|b | **0.50 ± 0.13** | **2.0** | last |
| c | 0.25 | 1,234.5 | last |

![score over loss](pictures/plane.svg)

![a](pictures/shown.png)
`,
    );
  });
});
