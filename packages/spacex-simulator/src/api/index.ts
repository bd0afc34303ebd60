export { type Resource, resources } from "./catalog.ts";
export { normalPath, type Route, routeOf, type Shape } from "./route.ts";
