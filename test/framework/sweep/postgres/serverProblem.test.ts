import { expect } from "chai";
import { describe, it } from "mocha";

import { InputError } from "../../../../framework/base/errors.ts";
import { isTransient, serverProblem } from "../../../../framework/sweep/postgres/serverProblem.ts";

const failure = (code: string, message = ""): Error => Object.assign(new Error(message), { code });

describe("isTransient()", () => {
  const passing = [
    ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOENT", "EAI_AGAIN"].map((code) => failure(code)),
    ...["08006", "57P01", "57P03", "53300", "55P03", "25P03", "40001"].map((code) => failure(code)),
    new AggregateError([failure("ECONNREFUSED"), failure("ECONNREFUSED")]),
    new Error("Connection terminated unexpectedly"),
    new Error("Query read timeout"),
    new Error("timeout exceeded when trying to connect"),
  ];
  for (const error of passing) {
    it(`waits for the end of ${"code" in error ? String(error.code) : error.message || "several"}`, () => {
      expect(isTransient(error)).to.equal(true);
    });
  }

  const lasting = [
    ...["28P01", "3D000", "42501", "42P01", "23505"].map((code) => failure(code, "terminated")),
    new InputError("Cannot use it: closed"),
    new TypeError("undefined is not a function"),
  ];
  for (const error of lasting) {
    it(`does not wait for ${"code" in error ? String(error.code) : error.message}`, () => {
      expect(isTransient(error)).to.equal(false);
    });
  }
});

describe("serverProblem()", () => {
  for (const [error, words] of [
    [failure("ENOENT"), "nobody answers there (ENOENT)"],
    [failure("ENOTFOUND"), "its host is not known (ENOTFOUND)"],
    [failure("28P01", "wrong"), "expected a user and a password that the server takes, got: wrong"],
    [new Error("SASL: no password"), "expected a user and a password"],
    [
      failure("3D000", 'database "x" does not exist'),
      'database "x" does not exist; make it with createdb',
    ],
    [failure("42501", "denied"), "expected a user that may use it, got: denied"],
    [new Error("Query read timeout"), "the connection broke (Query read timeout)"],
    [failure("XX000", "odd"), "odd"],
  ] as const) {
    it(`says: ${words}`, () => {
      const problem = serverProblem(error, "postgres://db/x");
      expect(problem.message).to.include(`Cannot use the journal postgres://db/x: ${words}`);
      expect(problem).to.be.instanceOf(InputError);
    });
  }

  it("leaves what was said already as it is", () => {
    const error = new InputError("Cannot do it");
    expect(serverProblem(error, "postgres://db/x")).to.equal(error);
  });
});
