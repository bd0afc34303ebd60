import { expect, test } from "vitest";
import { refusal, xml } from "../../test/scripted-s3.ts";
import { scriptedStore } from "../../test/scripted-store.ts";
import type { ObjectStore } from "../index.ts";

const object = (key: string, size = 1): string =>
  `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>2026-11-22T04:35:01.000Z</LastModified></Contents>`;
const page = (more: string, encoding = true): string =>
  `<ListBucketResult>${encoding ? "<EncodingType>url</EncodingType>" : ""}${more}</ListBucketResult>`;

async function keys(store: ObjectStore, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

test("pages follow each other, names are decoded, folders of consoles are none", async () => {
  const { store, server } = await scriptedStore(({ query }) =>
    xml(
      query.has("continuation-token")
        ? page(object("lake/b%2520/%E6%97%A5+%2B") + "<IsTruncated>false</IsTruncated>")
        : page(
            object("lake/", 0) +
              object("lake/a/", 0) +
              object("lake/a/1", 5) +
              "<IsTruncated>true</IsTruncated><NextContinuationToken>t=1</NextContinuationToken>",
          ),
    ),
  );
  expect(await keys(store)).toEqual(["a/1", "b%20/日 +"]);
  expect(server.asked.map(({ query }) => query.get("prefix"))).toEqual(["lake/", "lake/"]);
  expect(server.asked.map(({ query }) => query.get("continuation-token"))).toEqual([null, "t=1"]);
  for await (const info of store.list("a/1")) {
    expect(info).toEqual({ key: "a/1", bytes: 5, createdAt: new Date("2026-11-22T04:35:01Z") });
    break;
  }
  expect(server.asked.at(-1)?.query.get("prefix")).toBe("lake/a/1");
});

test("names are taken as they are where the service does not encode them", async () => {
  const { store } = await scriptedStore(() => xml(page(object("lake/a%20+b"), false)));
  expect(await keys(store)).toEqual(["a%20+b"]);
});

test("a listing that does not say where it goes on ends with an error, not never", async () => {
  for (const token of ["", "<NextContinuationToken>same</NextContinuationToken>"]) {
    const { store } = await scriptedStore(() =>
      xml(page(`${object("lake/a")}<IsTruncated>true</IsTruncated>${token}`)),
    );
    await expect(keys(store)).rejects.toMatchObject({ kind: "destination", code: "LAKE_REFUSED" });
  }
});

const unfinished = (key: string, id: string, begun: string): string =>
  `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begun}</Initiated></Upload>`;

test("a sweep aborts the old uploads of all pages, and only those", async () => {
  const { store, server } = await scriptedStore(({ method, query }) => {
    if (method === "DELETE")
      return query.get("uploadId") === "2" ? refusal(404, "NoSuchUpload") : { status: 204 };
    const rest = query.has("key-marker")
      ? unfinished("lake/b", "3", "2026-11-20T00:00:00Z") + unfinished("lake/c", "4", "2026-11-22T00:00:00Z")
      : unfinished("lake/a+%2B", "1", "2026-11-19T00:00:00Z") +
        unfinished("lake/a+%2B", "2", "2026-11-19T00:00:00Z") +
        "<IsTruncated>true</IsTruncated><NextKeyMarker>lake/a+%2B</NextKeyMarker><NextUploadIdMarker>2</NextUploadIdMarker>";
    return xml(
      `<ListMultipartUploadsResult><EncodingType>url</EncodingType>${rest}</ListMultipartUploadsResult>`,
    );
  });
  expect(await store.sweep?.(new Date("2026-11-21T00:00:00Z"))).toBe(3);
  const [first, , , second] = server.asked;
  expect(first?.query.get("prefix")).toBe("lake/");
  expect([second?.query.get("key-marker"), second?.query.get("upload-id-marker")]).toEqual(["lake/a +", "2"]);
  const aborted = server.asked.filter(({ method }) => method === "DELETE");
  expect(aborted.map(({ key, query }) => [key, query.get("uploadId")])).toEqual([
    ["lake/a +", "1"],
    ["lake/a +", "2"],
    ["lake/b", "3"],
  ]);
});

test("a sweep leaves uploads alone that are not of the caller's keys", async () => {
  const { store, server } = await scriptedStore(({ method }) => {
    if (method === "DELETE") return { status: 204 };
    const begun = "2026-11-19T00:00:00Z";
    const both = unfinished("lake/mine", "1", begun) + unfinished("lake/videos/raw.mp4", "2", begun);
    return xml(`<ListMultipartUploadsResult>${both}</ListMultipartUploadsResult>`);
  });
  expect(await store.sweep?.(new Date("2026-11-21T00:00:00Z"), { isOurs: (key) => key === "mine" })).toBe(1);
  const aborted = server.asked.filter(({ method }) => method === "DELETE");
  expect(aborted.map(({ key }) => key)).toEqual(["lake/mine"]);
});

test("a sweep that may not abort names the permission for it", async () => {
  const page = xml(
    "<ListMultipartUploadsResult><Upload><Key>lake/old</Key><UploadId>1</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload></ListMultipartUploadsResult>",
  );
  const { store } = await scriptedStore(({ method }) =>
    method === "GET" ? page : refusal(403, "AccessDenied"),
  );
  await expect(store.sweep?.(new Date("2026-11-21T00:00:00Z"))).rejects.toMatchObject({
    code: "LAKE_PERMISSION",
    hint: expect.stringContaining("s3:AbortMultipartUpload on arn:aws:s3:::bucket/lake/*"),
  });
});

test("a service without uploads in parts has nothing to sweep", async () => {
  const { store } = await scriptedStore(() => refusal(501, "NotImplemented"));
  expect(await store.sweep?.(new Date())).toBe(0);
});
