import type { LaunchV4Model, Model, Models } from "./models.ts";

/** The collection that each path points to, as the model says. */
type ReferencesOf<M extends Model> = {
  readonly [Path in keyof M["references"]]: M["references"][Path] extends { readonly name: infer Name }
    ? Name
    : never;
};

/** Paths that hold ids, and of which collection: the `ref`s in the models of the API's source (2022-09-19). */
export const references: { readonly [Name in keyof Models]: ReferencesOf<Models[Name]> } = {
  capsules: { launches: "launches", dragon: "dragons" },
  company: {},
  cores: { launches: "launches" },
  crew: { launches: "launches" },
  dragons: {},
  history: {},
  landpads: { launches: "launches" },
  launches: {
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
  launchpads: { rockets: "rockets", launches: "launches" },
  payloads: { launch: "launches", "dragon.capsule": "capsules" },
  roadster: {},
  rockets: {},
  ships: { launches: "launches" },
  starlink: { launch: "launches" },
};

const { "crew.crew": ofCrew, ...ofBothVersions } = references.launches;

/** The same of version 4, where `crew` itself holds the ids. */
export const referencesV4: ReferencesOf<LaunchV4Model> = { ...ofBothVersions, crew: ofCrew };

/** Whether the API has a text index for `$text`; its documentation promises one everywhere. */
export const searchable: { readonly [Name in keyof Models]: Models[Name]["searchable"] } = {
  capsules: true,
  company: false,
  cores: true,
  crew: true,
  dragons: true,
  history: true,
  landpads: true,
  launches: true,
  launchpads: true,
  payloads: true,
  roadster: false,
  rockets: true,
  ships: true,
  starlink: false,
};
