import type { Places } from "./places.ts";
import type { Random } from "./random.ts";
import { address, freeText, unless } from "./texts.ts";

/** What a launch says of the landing of one core. */
export interface Landing {
  readonly attempt: boolean | null;
  readonly success: boolean | null;
  readonly type: string | null;
  readonly landpad: string | null;
}

/** Of an upcoming launch. */
export const NO_LANDING: Landing = { attempt: null, success: null, type: null, landpad: null };

export function landing(random: Random, places: Places): Landing {
  if (random.chance(0.1)) return { attempt: false, success: null, type: null, landpad: null };
  const type = random.chance(0.04) ? "Ocean" : random.chance(0.2) ? "RTLS" : "ASDS";
  const pads = places.landpads.get(type);
  return {
    attempt: true,
    success: random.chance(0.02) ? null : !random.chance(0.05),
    type,
    landpad: pads === undefined ? null : random.pick(pads),
  };
}

export function fairings(random: Random, upcoming: boolean) {
  const known = !upcoming && random.chance(0.6);
  return {
    reused: known ? random.chance(0.5) : null,
    recovery_attempt: known ? random.chance(0.7) : null,
    recovered: known ? unless(random, 0.2, () => random.chance(0.5)) : null,
    ships: known && random.chance(0.3) ? "@{#fairingShips}" : [],
  };
}

export function failure(random: Random) {
  return {
    time: random.integer(-200_000, 600),
    ...(random.chance(0.5) ? { altitude: unless(random, 0.2, () => random.integer(0, 300)) } : {}),
    ...(random.chance(0.8) ? { reason: freeText(random) } : {}),
  };
}

export function links(random: Random, upcoming: boolean) {
  const rate = (share: number) => (upcoming ? 0.95 : share);
  const video = random.hex(11);
  const seen = !random.chance(rate(0.02));
  return {
    patch: {
      small: unless(random, rate(0.02), () =>
        address(random, "images2", `${random.hex(2)}/${random.hex(2)}/`, 10, "_o.png"),
      ),
      large: unless(random, rate(0.02), () =>
        address(random, "images2", `${random.hex(2)}/${random.hex(2)}/`, 10, "_o.png"),
      ),
    },
    reddit: {
      campaign: unless(random, rate(0.2), () =>
        address(random, "www.reddit", "r/spacex/comments/", 6, "/launch_campaign_thread/"),
      ),
      launch: unless(random, rate(0.15), () =>
        address(random, "www.reddit", "r/spacex/comments/", 6, "/launch_discussion/"),
      ),
      media: unless(random, rate(0.55), () =>
        address(random, "www.reddit", "r/spacex/comments/", 6, "/media_thread/"),
      ),
      recovery: unless(random, rate(0.5), () =>
        address(random, "www.reddit", "r/spacex/comments/", 6, "/recovery_thread/"),
      ),
    },
    flickr: {
      small: [],
      original: Array.from({ length: upcoming || random.chance(0.3) ? 0 : random.integer(1, 17) }, () =>
        address(random, "live.staticflickr", "65535/", 11, "_o.jpg"),
      ),
    },
    presskit: unless(random, rate(0.5), () => address(random, "sxcontent", "presskit/", 12, ".pdf")),
    webcast: seen ? `https://youtu.example/${video}` : null,
    youtube_id: seen ? video : null,
    article: unless(random, rate(0.25), () =>
      address(random, "news", "2022/02/25/spacex-launches-", 16, "/"),
    ),
    wikipedia: unless(random, rate(0.2), () => address(random, "en.wikipedia", "wiki/", 8)),
  };
}
