import { testKills } from "./harness/kill-suite.ts";

testKills("fake-gcs-server");
