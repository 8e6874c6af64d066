/** Fields that several sections have. */
export const count = { type: "integer", minimum: 1 } as const;
export const share = { type: "number", minimum: 0, maximum: 1 } as const;
export const folder = { type: ["string", "null"], minLength: 1, default: null } as const;
