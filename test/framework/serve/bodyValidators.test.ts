import { expect } from "chai";
import Fastify from "fastify";
import { describe, it } from "mocha";

import { ownCompilers, validateWhenNeeded } from "../../../framework/serve/bodyValidators.ts";

describe("validateWhenNeeded()", () => {
  it("checks requests as Fastify would, before or after the checks are made", async () => {
    for (const isPrepared of [false, true]) {
      const app = Fastify(ownCompilers);
      const checks = validateWhenNeeded(app);
      const body = {
        ...{ type: "object", required: ["n"], additionalProperties: false },
        properties: { n: { type: "integer" }, unit: { type: "string", default: "m" } },
      };
      app.post("/", { schema: { body } }, async ({ body: given }) => given);
      await app.ready();
      expect(checks.length).to.equal(1);
      if (isPrepared) for (const make of checks) make();
      const ask = async (payload: object): Promise<[status: number, answer: unknown]> => {
        const { statusCode, json } = await app.inject({ method: "POST", url: "/", payload });
        return [statusCode, json()];
      };
      expect(await ask({ n: 1 })).to.deep.equal([200, { n: 1, unit: "m" }]);
      const [status, answer] = await ask({ n: "1" });
      expect(status, "nothing is made a number").to.equal(400);
      expect(answer).to.include({ message: "body/n must be integer" });
      expect((await ask({ n: 1, more: 2 }))[1]).to.include({
        message: "body must NOT have additional properties",
      });
      await app.close();
    }
  });
});
