import { DuckDBInstance } from "@duckdb/node-api";

// Holds the file given as argument until standard input ends.
const instance = await DuckDBInstance.create(process.argv[2]!);
const connection = await instance.connect();
await connection.run("SELECT 1");
process.stdout.write("held\n");
process.stdin.resume();
process.stdin.on("end", () => {
  connection.closeSync();
  instance.closeSync();
});
