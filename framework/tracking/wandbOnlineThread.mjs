// The one file in JavaScript: a thread inherits no loader of TypeScript, so its first lines register one.
import { register } from "tsx/esm/api";

register();
await import("./wandbOnlineWorker.ts");
