import type { Route } from "../api/index.ts";
import type { Verdict } from "../faults/index.ts";
import { type Answer, textAnswer } from "./answer.ts";
import { API_HEADERS, thrown } from "./api-headers.ts";

const EDGE_STATUS = [502, 503, 523, 500] as const;
const EDGE_PAGE_STATUS = [403, 200] as const;

/** The answer that a fault gives instead of the API's own; undefined if it leaves or only damages that. */
export function faultAnswer(verdict: Verdict, route: Route): Answer | undefined {
  switch (verdict.strike) {
    case "429":
      return textAnswer(429, "Too Many Requests", { ...API_HEADERS, "retry-after": "1" });
    case "5xx": {
      const status = EDGE_STATUS[verdict.turn % EDGE_STATUS.length] ?? 502;
      if (status === 502) return page(502, "Bad gateway");
      if (status === 523) return page(523, "Origin is unreachable");
      return textAnswer(
        status,
        status === 503 ? "Service Unavailable" : "Internal Server Error",
        API_HEADERS,
      );
    }
    case "edge":
      return page(EDGE_PAGE_STATUS[verdict.turn % EDGE_PAGE_STATUS.length] ?? 403, "Just a moment...");
    case "outage-400":
      return outage(route);
    default:
      return undefined;
  }
}

/** All routes but one turn every exception into 400, the database's included. */
function outage(route: Route): Answer | undefined {
  if (route.kind === "unknown" || route.kind === "protected" || route.kind === "health") return undefined;
  const method = route.kind === "one" ? "findById" : route.kind === "pick" ? "findOne" : "find";
  const text = `Operation \`${route.resource.name}.${method}()\` buffering timed out after 10000ms`;
  return textAnswer(route.kind === "one" ? 500 : 400, text, thrown(API_HEADERS));
}

function page(status: number, title: string): Answer {
  const html = `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return {
    ...textAnswer(status, html),
    headers: {
      "content-type": "text/html; charset=UTF-8",
      "cache-control": "no-store",
      server: "cloudflare",
    },
  };
}
