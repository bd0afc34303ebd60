import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

/** As Node.js makes it of a call of the network. */
function systemError(syscall: string, code: string): Error {
  return Object.assign(new Error(`${syscall} ${code} 192.0.2.1:443`), { code, syscall });
}

test("every call of the network that fails is a failure of the network", async () => {
  const refused = await new Promise((resolve) => connect(1, "127.0.0.1").once("error", resolve));
  const calls = [
    systemError("connect", "EACCES"),
    systemError("connect", "EPERM"),
    systemError("connect", "EMFILE"),
    systemError("connect", "ENOBUFS"),
    systemError("read", "ENETRESET"),
    systemError("write", "EIO"),
    systemError("getaddrinfo", "EAI_FAIL"),
    new AggregateError([systemError("connect", "EACCES"), systemError("connect", "EACCES")]),
    new Error("wrapped", { cause: systemError("connect", "EPERM") }),
    refused,
  ];
  for (const error of calls) expect(failureOf(error), String(error)).toMatchObject({ network: true });
});

test("a file that fails, an answer and a bug are none", async () => {
  const open = await readFile("/missing/file").catch((error: unknown) => error);
  const read = await readFile("/").catch((error: unknown) => error);
  const answered = Object.assign(systemError("connect", "EACCES"), { $metadata: { httpStatusCode: 403 } });
  expect(read).toMatchObject({ syscall: "read" });
  for (const error of [open, read, answered, new TypeError("a bug"), "a text", null])
    expect(failureOf(error), String(error)).toMatchObject({ network: false });
});
