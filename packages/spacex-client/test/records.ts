import type { CrewMember } from "../src/index.ts";

/** A whole record, small enough to read. */
export function crewMember(number: number): CrewMember {
  return {
    id: number.toString(16).padStart(24, "0"),
    name: `Person ${number}`,
    status: "active",
    agency: number % 2 === 0 ? "NASA" : null,
    image: null,
    wikipedia: null,
    launches: [],
  };
}

export function crewMembers(count: number): CrewMember[] {
  return Array.from({ length: count }, (_, index) => crewMember(index + 1));
}
