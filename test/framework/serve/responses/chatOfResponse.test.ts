import { expect } from "chai";
import { describe, it } from "mocha";

import { ApiError, overloaded } from "../../../../framework/serve/apiError.ts";
import { responseProblem } from "../../../../framework/serve/responses/chatOfResponse.ts";

describe("responseProblem()", () => {
  it("names fields as a request for a response has them", () => {
    const problem = responseProblem(new ApiError("No.", { param: "messages[2].content" }));
    expect(problem).to.have.nested.property("body.error.param", "input");
  });

  it("says when another try may be worth it", () => {
    const problem = responseProblem(overloaded("Too many."));
    expect(problem).to.include({ status: 429, retryAfterMs: 1000 });
  });

  it("leaves alone what is no client's", () => {
    const error = new TypeError("broken");
    expect(responseProblem(error)).to.equal(error);
  });
});
