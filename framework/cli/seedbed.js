#!/usr/bin/env node
// The installed command. Node 20 cannot run TypeScript and looks up `--import tsx` from the
// working directory, so this registers the package's own tsx wherever it is called from.
import { register } from "tsx/esm/api";

register({ tsconfig: false });
await import("./main.ts");
