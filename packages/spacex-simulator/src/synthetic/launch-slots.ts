import { writeBytes, writeDateTime, writeHex, writeInteger } from "./digits.ts";
import { CREW_SEATS, type Plan, scatter } from "./plan.ts";
import type { Slot } from "./template.ts";

const STATIC_FIRE_BEFORE = 4 * 86_400;

/** What is patched into the template of a launch, by the names that the template uses. */
export function launchSlots(plan: Plan, hoursFromUtc: number): Record<string, Slot> {
  const { ids } = plan;
  const zone = Buffer.from(`-${String(-hoursFromUtc).padStart(2, "0")}:00`);
  const zulu = Buffer.from(".000Z");
  const second = plan.launchSecond;
  const slots: Record<string, Slot> = {
    id: ids.launches.write,
    number: (target, offset, launch) => writeInteger(target, offset, launch + 1),
    // Like the real ones not unique, but never falling.
    flight: (target, offset, launch) =>
      writeInteger(target, offset, launch % 100 === 99 ? launch : launch + 1),
    utc: (target, offset, launch) => writeBytes(target, writeDateTime(target, offset, second(launch)), zulu),
    unix: (target, offset, launch) => writeInteger(target, offset, second(launch)),
    local: (target, offset, launch) =>
      writeBytes(target, writeDateTime(target, offset, second(launch) + hoursFromUtc * 3_600), zone),
    staticUtc: (target, offset, launch) =>
      writeBytes(target, writeDateTime(target, offset, second(launch) - STATIC_FIRE_BEFORE), zulu),
    staticUnix: (target, offset, launch) => writeInteger(target, offset, second(launch) - STATIC_FIRE_BEFORE),
    capsule: (target, offset, launch) => ids.capsules.write(target, offset, plan.capsuleOf(launch)),
    uuid: writeUuid,
    payloads(target, offset, launch) {
      const [first, count] = plan.payloadsOf(launch);
      return writeList(target, offset, count, (place) => first + place, ids.payloads.write);
    },
    ships: (target, offset, launch) =>
      writeList(
        target,
        offset,
        plan.shipCount(launch),
        (place) => plan.shipOf(launch, place),
        ids.ships.write,
      ),
    fairingShips: (target, offset, launch) =>
      writeList(
        target,
        offset,
        Math.min(1, plan.shipCount(launch)),
        () => plan.shipOf(launch, 0),
        ids.ships.write,
      ),
  };
  for (let place = 0; place < 3; place++) {
    slots[`core${place}`] = (target, offset, launch) =>
      ids.cores.write(target, offset, plan.coreOf(launch, place));
    slots[`flightOf${place}`] = (target, offset, launch) =>
      writeInteger(target, offset, plan.flightOf(plan.coreOf(launch, place), launch));
  }
  for (let seat = 0; seat < CREW_SEATS; seat++) {
    slots[`crew${seat}`] = (target, offset, launch) =>
      ids.crew.write(target, offset, plan.crewOf(launch, seat));
  }
  return slots;
}

/** A JSON array of ids. */
function writeList(
  target: Uint8Array,
  start: number,
  count: number,
  itemOf: (place: number) => number,
  write: (target: Uint8Array, offset: number, index: number) => number,
): number {
  let offset = start;
  target[offset++] = 0x5b;
  for (let place = 0; place < count; place++) {
    if (place > 0) target[offset++] = 0x2c;
    target[offset++] = 0x22;
    offset = write(target, offset, itemOf(place));
    target[offset++] = 0x22;
  }
  target[offset++] = 0x5d;
  return offset;
}

/** `xxxxxxxx-0000-4000-8000-0000xxxxxxxx`. */
function writeUuid(target: Uint8Array, start: number, launch: number): number {
  let offset = writeHex(target, start, scatter(launch, 4), 8);
  for (const byte of UUID_MIDDLE) target[offset++] = byte;
  return writeHex(target, offset, launch, 8);
}

const UUID_MIDDLE = Buffer.from("-0000-4000-8000-0000");
