/** @file What schemas of several sections are made of. */
export const positive: object = { type: "integer", minimum: 1 };
export const seed: object = { type: "integer", minimum: 0, maximum: 2 ** 31 };
export const share: object = { type: "number", minimum: 0, maximum: 1 };
export const text: object = { type: "string", pattern: "\\S" };
export const folder: object = { type: "string", minLength: 1 };
