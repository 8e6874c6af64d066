#!/usr/bin/env node
// The installed command, wherever it is called from.
import { importEntry } from "../start/bundle.mjs";

await importEntry("cli/main");
