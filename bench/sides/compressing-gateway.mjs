// Stands in front of an API and answers the lists with gzip, as the edge of the real one does. Compresses each list once,
// before it says its address.
//
//   node compressing-gateway.mjs <address of the API> <path>...
import { createServer } from "node:http";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";

const [api, ...paths] = process.argv.slice(2);
const lists = new Map();
for (const path of paths) {
  const gzip = createGzip({ level: 4 });
  const pieces = [];
  gzip.on("data", (piece) => pieces.push(piece));
  const response = await fetch(api + path);
  for await (const piece of response.body)
    if (!gzip.write(piece)) await new Promise((next) => gzip.once("drain", next));
  await new Promise((done) => gzip.on("end", done).end());
  lists.set(path, pieces);
}

const server = createServer(async (request, response) => {
  const pieces = request.method === "GET" ? lists.get(request.url) : undefined;
  const head = { "content-type": "application/json; charset=utf-8" };
  if (pieces === undefined) {
    const body = [];
    for await (const piece of request) body.push(piece);
    const answer = await fetch(api + request.url, {
      method: request.method,
      headers: head,
      ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
    });
    response.writeHead(answer.status, head).end(await answer.text());
    return;
  }
  response.writeHead(200, { ...head, "content-encoding": "gzip" });
  pipeline(Readable.from(pieces), response, () => undefined);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.once("SIGTERM", () => process.exit(0));
