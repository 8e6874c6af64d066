// Loads the bundle for those who import the package, so that there is one copy of it.
let index;

export function initialize(data) {
  index = data.index;
}

export function resolve(specifier, context, next) {
  return specifier === "seedbed" ? { url: index, shortCircuit: true } : next(specifier, context);
}
