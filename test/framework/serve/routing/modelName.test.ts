import { expect } from "chai";
import { describe, it } from "mocha";

import { ApiError } from "../../../../framework/serve/apiError.ts";
import { readRouterName } from "../../../../framework/serve/routing/modelName.ts";
import { cascade } from "../../../../framework/serve/routing/routers/cascade.ts";
import { rules } from "../../../../framework/serve/routing/routers/rules.ts";

describe("readRouterName()", () => {
  const routers = [rules(), cascade()];

  for (const [name, router, threshold] of [
    ["router-rules-0.116", "rules", 0.116],
    ["router-rules-0", "rules", 0],
    ["router-cascade-1", "cascade", 1],
    ["router-cascade-1e-3", "cascade", 0.001],
    ["router-cascade", "cascade", 0.25],
  ] as const) {
    it(`reads ${name}`, () => {
      const choice = readRouterName(name, routers)!;
      expect(choice.router.name).to.equal(router);
      expect(choice.threshold).to.equal(threshold);
    });
  }

  for (const name of ["nano", "auto", "my-router-rules-0.1", "router", "router-"]) {
    it(`leaves ${name} to others`, () => {
      expect(readRouterName(name, routers)).to.equal(undefined);
    });
  }

  for (const [name, status, problem] of [
    ["router-rule-0.1", 404, 'There is no router `rule`; did you mean "rules"?'],
    ["router-winRate-0.1", 404, "There is no router `winRate`; known: cascade, rules"],
    ["router-rules-1.5", 400, 'Expected a threshold from 0 to 1 in `router-rules-1.5`, got "1.5".'],
    ["router-rules--1", 400, 'Expected a threshold from 0 to 1 in `router-rules--1`, got "-1".'],
    ["router-rules-", 400, 'Expected a threshold from 0 to 1 in `router-rules-`, got "".'],
    ["router-rules-x", 400, 'Expected a threshold from 0 to 1 in `router-rules-x`, got "x".'],
  ] as const) {
    it(`refuses ${name}`, () => {
      expect(() => readRouterName(name, routers))
        .to.throw(ApiError, problem)
        .with.property("status", status);
    });
  }
});
