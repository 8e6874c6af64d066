// Loaded into a server that is measured, by plain Node: collects its garbage when its parent asks for that,
// and says what is left.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

process.on("message", () => {
  collect();
  collect({ type: "minor" }); // waits for the thread that frees arrays
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
process.channel?.unref(); // it must not keep the process
