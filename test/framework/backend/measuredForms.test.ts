import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { Counters } from "../../../framework/backend/counters.ts";
import { MeasuredForms } from "../../../framework/backend/measuredForms.ts";
import { Sessions } from "../../../framework/backend/sessions.ts";
import type { Forms } from "../../../framework/onnx/forms.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const input = { shape: [2, 3], dtype: "float32" } as const;

describe("MeasuredForms", () => {
  const folder = temporaryFolder();

  function open(name = "forms.json"): {
    measured: MeasuredForms;
    counters: Counters;
    file: string;
  } {
    const counters = new Counters();
    const file = folder.path(name);
    return { measured: new MeasuredForms(file, new Sessions(counters), {}), counters, file };
  }

  const forms: Forms = {
    work: "Twice",
    forms: {
      sum: (builder, [x]) => builder.add(x!, x!),
      product: (builder, [x]) => builder.mul(x!, builder.scalar(2)),
    },
    usual: "sum",
  };

  it("measures each form once, and gives its session back", () => {
    const { measured, counters } = open("once.json");
    const first = measured.choose(forms, [input]);
    expect(forms.forms).to.have.property(first);
    expect(counters.built).to.equal(2);
    expect(counters.disposed).to.equal(2);
    expect(measured.choose(forms, [input])).to.equal(first);
    expect(counters.built).to.equal(2);
  });

  it("measures other shapes and other work anew", () => {
    const { measured, counters } = open("anew.json");
    measured.choose(forms, [input]);
    measured.choose(forms, [{ ...input, shape: [3, 2] }]);
    measured.choose({ ...forms, work: "Double" }, [input]);
    expect(counters.built).to.equal(6);
  });

  it("takes what an earlier process found, as long as there is such a form", () => {
    const { measured, file } = open("earlier.json");
    const chosen = measured.choose(forms, [input]);
    const other = chosen === "sum" ? "product" : "sum";
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(`"${chosen}"`, `"${other}"`));
    expect(open("earlier.json").measured.choose(forms, [input])).to.equal(other);
    writeFileSync(file, text.replace(`"${chosen}"`, '"gone"'));
    const { measured: later, counters } = open("earlier.json");
    expect(forms.forms).to.have.property(later.choose(forms, [input]));
    expect(counters.built).to.equal(2);
  });

  for (const { title, content } of [
    { title: "is cut short", content: '{"a processor": {"Twice' },
    { title: "holds something else", content: '{"a processor": {"Twice": 2}}' },
  ]) {
    it(`refuses a file that ${title}`, () => {
      writeFileSync(folder.path("damaged.json"), content);
      expect(() => open("damaged.json")).to.throw("damaged.json is damaged; delete it");
    });
  }
});
