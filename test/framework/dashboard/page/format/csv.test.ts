import { expect } from "chai";
import { describe, it } from "mocha";

import { formatCsv } from "../../../../../framework/dashboard/page/format/csv.ts";

describe("formatCsv()", () => {
  it("quotes what RFC 4180 wants quoted", () => {
    expect(formatCsv([["a", 'b "c", d', "e\nf", 1.5]])).to.equal('a,"b ""c"", d","e\nf",1.5\r\n');
  });

  it("keeps a spreadsheet from running a run's name", () => {
    expect(formatCsv([["=HYPERLINK(0)", "@x", "-a", "-1.5", -2]])).to.equal(
      "'=HYPERLINK(0),'@x,'-a,-1.5,-2\r\n",
    );
  });
});
