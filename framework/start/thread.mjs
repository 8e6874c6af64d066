// What a thread begins with where no bundle runs; its argument is what to load. In JavaScript, because a
// thread inherits no loader of TypeScript: these lines register one.
import { register } from "tsx/esm/api";

register();
await import(`../${process.argv[2]}.ts`);
