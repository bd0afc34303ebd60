/** One resource of the API: its routes, cache times and the facts of its model that a query needs. */
export interface Resource {
  /** Name in the path, and of the collection. */
  readonly name: string;
  /** Name of the mongoose model, as it stands in error texts. */
  readonly model: string;
  /** One object instead of a list. */
  readonly single: boolean;
  readonly hasQuery: boolean;
  /** `max-age` in seconds of a list (or the object), of one record, and of a query. */
  readonly ttl: { readonly list: number; readonly one: number; readonly query: number };
  /** Fields of the text index that `$text` searches. */
  readonly textFields: readonly string[];
  /** Fields that hold ids of another resource, by path; these can be populated. */
  readonly references: Readonly<Record<string, string>>;
}

interface Draft {
  readonly model: string;
  readonly ttl?: number;
  readonly queryTtl?: number;
  readonly single?: boolean;
  readonly hasQuery?: boolean;
  readonly textFields?: readonly string[];
  readonly references?: Readonly<Record<string, string>>;
}

const FIVE_MINUTES = 300;
const HOUR = 3600;
const DAY = 86_400;

// Routes, times, text indexes and links: the API's source (r-spacex/SpaceX-API, 2022-09-19).
const drafts: Readonly<Record<string, Draft>> = {
  capsules: {
    model: "Capsule",
    textFields: ["serial", "last_update"],
    references: { launches: "launches", dragon: "dragons" },
  },
  company: { model: "Company", ttl: DAY, single: true, hasQuery: false },
  cores: { model: "Core", textFields: ["serial", "last_update"], references: { launches: "launches" } },
  crew: { model: "Crew", textFields: ["name"], references: { launches: "launches" } },
  dragons: { model: "Dragon", ttl: DAY, textFields: ["name"] },
  history: { model: "History", textFields: ["title", "details"] },
  landpads: {
    model: "Landpad",
    textFields: ["name", "full_name", "details"],
    references: { launches: "launches" },
  },
  launches: {
    model: "Launch",
    ttl: 20,
    textFields: ["name", "details"],
    references: {
      rocket: "rockets",
      launchpad: "launchpads",
      payloads: "payloads",
      capsules: "capsules",
      ships: "ships",
      "fairings.ships": "ships",
      "cores.core": "cores",
      "cores.landpad": "landpads",
      "crew.crew": "crew",
    },
  },
  launchpads: {
    model: "Launchpad",
    textFields: ["name", "full_name", "details"],
    references: { rockets: "rockets", launches: "launches" },
  },
  payloads: {
    model: "Payload",
    textFields: ["name"],
    references: { launch: "launches", "dragon.capsule": "capsules" },
  },
  roadster: { model: "Roadster", single: true },
  rockets: { model: "Rocket", ttl: DAY, queryTtl: FIVE_MINUTES, textFields: ["name"] },
  ships: { model: "Ship", textFields: ["name"], references: { launches: "launches" } },
  starlink: { model: "Starlink", ttl: HOUR, references: { launch: "launches" } },
};

/** The resources by name. */
export const resources: ReadonlyMap<string, Resource> = new Map(
  Object.entries(drafts).map(([name, draft]) => {
    const ttl = draft.ttl ?? FIVE_MINUTES;
    return [
      name,
      {
        name,
        model: draft.model,
        single: draft.single ?? false,
        hasQuery: draft.hasQuery ?? true,
        ttl: { list: ttl, one: ttl, query: draft.queryTtl ?? ttl },
        textFields: draft.textFields ?? [],
        references: draft.references ?? {},
      },
    ];
  }),
);
