/** @file The checks that are fast enough for `npm test`, on the project's fixtures. */
import { bundledNanoFixtures } from "./nanoFolder.ts";
import { nanoTests } from "./nanoTests.ts";

nanoTests(bundledNanoFixtures, { fast: true });
