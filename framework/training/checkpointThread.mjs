// In JavaScript, because a thread inherits no loader of TypeScript: these lines register one.
import { register } from "tsx/esm/api";

register();
await import("./checkpointThreadMain.ts");
