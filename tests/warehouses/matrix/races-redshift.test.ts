import { testRaces } from "../harness/race-suite.ts";
import { openRedshiftWorld } from "../harness/redshift-world.ts";

testRaces("Redshift", openRedshiftWorld);
