// The one file in JavaScript: a thread inherits no loader of TypeScript, so its first lines register one.
import { register } from "tsx/esm/api";

// The SDK dumps whole requests. What is printed here is for nobody; the process that reads it would
// be kept alive by reading.
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

register();
await import("./onlineWorker.ts");
