import { expect } from "chai";
import { describe, it } from "mocha";

import { WandbAcknowledged } from "../../../../framework/tracking/wandb/acknowledged.ts";

describe("WandbAcknowledged", () => {
  const stream = (sent: object, responseBody = "{}", status = 200) => ({
    path: "/files/e/p/r/file_stream",
    status,
    requestBody: JSON.stringify(sent),
    responseBody,
  });
  const rows = (offset: number, count: number) => ({
    files: {
      "wandb-history.jsonl": { offset, content: Array.from({ length: count }, () => "{}") },
    },
  });

  it("counts rows that were confirmed, each in its place", () => {
    const acknowledged = new WandbAcknowledged();
    acknowledged.take(stream(rows(0, 3)));
    acknowledged.take(stream(rows(1, 2)));
    expect(acknowledged.take(stream(rows(3, 2)))).to.equal(undefined);
    expect(acknowledged.rows).to.equal(5);
    expect(acknowledged.missing(6)).to.equal("it has confirmed 5 of 6 rows");
    expect(acknowledged.missing(5)).to.equal("it has not confirmed the end of the run");
    acknowledged.take(stream({ complete: true, exitcode: 0 }));
    expect(acknowledged.missing(5)).to.equal(undefined);
  });

  it("sees rows that were passed over", () => {
    const acknowledged = new WandbAcknowledged();
    acknowledged.take(stream(rows(0, 2)));
    expect(acknowledged.take(stream(rows(4, 1)))).to.equal("rows 2 to 3 were not sent");
    expect(acknowledged.rows).to.equal(2);
  });

  for (const [what, exchange, problem] of [
    ["a refusal", stream(rows(0, 1), "{}", 500), "the server answered HTTP 500"],
    ["a redirection", stream(rows(0, 1), "{}", 302), "the server answered HTTP 302"],
    [
      "a page",
      stream(rows(0, 1), "<html>"),
      "the server answered with something that is not W&B's",
    ],
    [
      "an error of GraphQL",
      { ...stream({}, '{"errors":[{"message":"no such entity"}]}'), path: "/graphql" },
      "no such entity",
    ],
  ] as const) {
    it(`takes ${what} for no confirmation`, () => {
      const acknowledged = new WandbAcknowledged();
      expect(acknowledged.take(exchange)).to.equal(problem);
      expect(acknowledged.rows).to.equal(0);
    });
  }
});
