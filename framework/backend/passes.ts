/**
 * What is done to the graph of a compiled function. Each can be left out, to measure what it is
 * worth (`npm run bench -- --passes`); results then differ in the last digits at most.
 */
export const passNames = [
  "viewsAtTheBorder",
  "lanes",
  "recipes",
  "blockedConvolutions",
  "runtimeOptimizations",
] as const;
export type PassName = (typeof passNames)[number];

/** One line on what each does. */
export const passTitles: Readonly<Record<PassName, string>> = {
  viewsAtTheBorder: "inputs and outputs handed over in the shape that is wanted",
  lanes: "updates of all parameters done as one",
  recipes: "these compiled to WebAssembly",
  blockedConvolutions: "convolutions in blocks of channels",
  runtimeOptimizations:
    "the runtime's own: folding of constants, casts and reshapes, fusions, fewer transposes",
};
