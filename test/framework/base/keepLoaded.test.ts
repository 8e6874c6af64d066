import { readFileSync } from "node:fs";

import { expect } from "chai";
import koffi from "koffi";
import { describe, it } from "mocha";

import { keepLoaded } from "../../../framework/base/keepLoaded.ts";

/** A library of glibc's that nobody uses. */
const file = "libBrokenLocale.so.1";

const isLoaded = (): boolean => readFileSync("/proc/self/maps", "utf8").includes("libBrokenLocale");

describe("keepLoaded()", () => {
  it("has a library stay where koffi unloads it", () => {
    koffi.load(file).unload();
    expect(isLoaded(), "without it").to.equal(false);
    const library = koffi.load(file);
    keepLoaded(file);
    library.unload();
    expect(isLoaded()).to.equal(true);
  });
});
