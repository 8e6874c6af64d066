/** @file The checks that are fast enough for `npm test`, on the project's fixtures. */
import { bundledFixtures } from "./fixtureSet.ts";
import { parityTests } from "./parityTests.ts";

parityTests(bundledFixtures, { fast: true });
