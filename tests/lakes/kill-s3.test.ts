import { testKills } from "./harness/kill-suite.ts";

testKills("versitygw");
