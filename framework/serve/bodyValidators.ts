import { Ajv, type ValidateFunction } from "ajv";
import type { FastifyInstance, FastifyServerOptions } from "fastify";

/** Keeps Fastify from loading what would make checks of requests, and texts of answers. */
export const ownCompilers: Pick<FastifyServerOptions, "schemaController"> = {
  schemaController: {
    compilersFactory: {
      buildValidator: () => unused,
      buildSerializer: () => () => (data) => JSON.stringify(data),
    },
  },
};

function unused(): never {
  throw new Error("Cannot check a request: expected validateWhenNeeded() to have been called");
}

/**
 * Checks requests by their schemas. The checks are made when they are first needed: making them takes
 * as long as opening a small model.
 *
 * @returns what makes each, for when there is time
 */
export function validateWhenNeeded(app: FastifyInstance): readonly (() => unknown)[] {
  const ajv = new Ajv({
    ...{ useDefaults: true, coerceTypes: false, removeAdditional: false, allErrors: false },
    validateSchema: false, // they are ours, and strict mode refuses what it does not know
    code: { optimize: false },
  });
  const makers: (() => ValidateFunction)[] = [];
  app.setValidatorCompiler<object>(({ schema }) => {
    let made: ValidateFunction | undefined;
    const make = (): ValidateFunction => (made ??= ajv.compile(schema));
    makers.push(make);
    return (data: unknown) => {
      const validate = make();
      return validate(data) ? { value: data } : { error: validate.errors ?? [] };
    };
  });
  return makers;
}
