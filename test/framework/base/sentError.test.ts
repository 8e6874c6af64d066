import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../framework/base/errors.ts";
import { receiveError, sendError } from "../../../framework/base/sentError.ts";

const overThere = (thrown: unknown): Error => receiveError(structuredClone(sendError(thrown)));

describe("receiveError()", () => {
  it("gives an error as it was sent, with what caused it", () => {
    const cause = new Error("no space left");
    const error = overThere(new InputError("Cannot write a", { cause }));
    expect(error).to.be.instanceOf(InputError).and.include({ message: "Cannot write a" });
    expect(error.cause).to.be.instanceOf(Error).and.include({ message: "no space left" });
    expect(error.cause).to.have.property("stack", cause.stack);
  });

  it("makes an error of what is none", () => {
    expect(overThere("text")).to.be.instanceOf(Error).and.include({ message: "text" });
  });
});
