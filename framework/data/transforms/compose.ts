import type { Transform } from "./transform.ts";

/** One transform of several, first to last. They draw from one stream, one after another. */
export function compose<A, B>(first: Transform<A, B>): Transform<A, B>;
export function compose<A, B, C>(first: Transform<A, B>, second: Transform<B, C>): Transform<A, C>;
export function compose<A, B, C, D>(
  first: Transform<A, B>,
  second: Transform<B, C>,
  third: Transform<C, D>,
): Transform<A, D>;
export function compose<A, B, C, D, E>(
  first: Transform<A, B>,
  second: Transform<B, C>,
  third: Transform<C, D>,
  fourth: Transform<D, E>,
): Transform<A, E>;
export function compose<A, B, C, D, E, F>(
  first: Transform<A, B>,
  second: Transform<B, C>,
  third: Transform<C, D>,
  fourth: Transform<D, E>,
  fifth: Transform<E, F>,
): Transform<A, F>;
export function compose<A, B, C, D, E, F, G>(
  first: Transform<A, B>,
  second: Transform<B, C>,
  third: Transform<C, D>,
  fourth: Transform<D, E>,
  fifth: Transform<E, F>,
  sixth: Transform<F, G>,
): Transform<A, G>;
export function compose(...transforms: readonly Transform<any>[]): Transform<any> {
  return async (value, random) => {
    let current = value;
    for (const transform of transforms) current = await transform(current, random);
    return current;
  };
}
