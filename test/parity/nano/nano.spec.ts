import { bundledNanoFixtures } from "./nanoFolder.ts";
import { nanoTests } from "./nanoTests.ts";

nanoTests(process.env["SEEDBED_NANO_FIXTURES"] ?? bundledNanoFixtures, { fast: false });
