/** Every sampler, by the name that a spec gives it. */
export { createDdimSampler as ddim } from "./ddim.ts";
