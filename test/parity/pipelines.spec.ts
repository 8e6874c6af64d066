import { bundledFixtures } from "./fixtureSet.ts";
import { parityTests } from "./parityTests.ts";

parityTests(process.env["SEEDBED_FIXTURES"] ?? bundledFixtures, { fast: false });
