import type { Socket } from "node:net";
import type { Controls, Fault } from "./controls.ts";
import { type CopyWorld, runCopy } from "./copy.ts";
import { asRedshift, errorFields } from "./errors.ts";
import { withLongNames } from "./names.ts";
import { type Plan, plansOf } from "./plan.ts";
import { Gone, literal, type Upstream } from "./upstream.ts";
import {
  type Fields,
  fieldsMessage,
  fieldsOf,
  type Message,
  messageOf,
  queryMessage,
  readerOf,
  send,
  textsOf,
} from "./wire.ts";

/** What one client's session works on. */
export interface SessionWorld {
  readonly id: number;
  readonly client: Socket;
  readonly reader: ReturnType<typeof readerOf>;
  readonly upstream: Upstream;
  readonly controls: Controls;
  readonly copy: CopyWorld;
  /** Of the whole stand-in. */
  readonly longNames: Map<string, string>;
}

/** Serves a client that has logged in, one request after another, until one side is gone. */
export async function serve(world: SessionWorld): Promise<void> {
  const { client, reader, upstream, controls } = world;
  const facts = { lastCopyId: -1, lastCopyCount: 0, longNames: world.longNames };
  const prepared = new Map<string, readonly Plan[]>();
  const portals = new Map<string, readonly Plan[]>();

  /** Replies that the client has not heard yet. */
  let held: Buffer[] | undefined;
  const out = async (data: Buffer): Promise<void> => {
    if (held !== undefined) return void held.push(data);
    if (!(await send(client, data))) throw new Gone("The client closed the connection");
  };
  const ready = async (): Promise<void> => await out(messageOf("Z", upstream.status()));
  /** Raised on the server, so that a transaction is aborted there. */
  const raise = async (error: Fields): Promise<void> => {
    const aborted = upstream.status() === "E";
    const raised = await upstream.ask(
      `DO $stand_in$ BEGIN RAISE EXCEPTION USING ERRCODE = ${literal(error["C"] ?? "XX000")}, MESSAGE = ${literal(error["M"] ?? "")}; END $stand_in$`,
    );
    await out(fieldsMessage("E", aborted && raised.error !== undefined ? asRedshift(raised.error) : error));
  };
  const passOn = async (message: Message): Promise<void> => {
    if (message.type === "E" || message.type === "N")
      await out(fieldsMessage(message.type, asRedshift(fieldsOf(message.body))));
    else await out(withLongNames(message, world.longNames));
  };
  const note = async (plans: readonly Plan[]): Promise<void> => {
    for (const plan of plans) {
      if (plan.run !== "plain" || plan.translation.created === undefined) continue;
      const { table, attributes } = plan.translation.created;
      await upstream.ask(
        `INSERT INTO redshift_internal.attributes VALUES (${literal(table)}::regclass::oid, ${literal(JSON.stringify(attributes))}) ON CONFLICT DO NOTHING`,
      );
    }
  };
  /** COPY, which the server runs in other words. The reply is sent; true when it went well. */
  const copy = async (plan: Plan & { run: "copy" }): Promise<boolean> => {
    const result = await runCopy(upstream, world.copy, plan.command);
    if (result.query !== undefined) facts.lastCopyId = result.query;
    if (!result.ok) {
      if (result.raised) await out(fieldsMessage("E", asRedshift(result.error)));
      else await raise(result.error);
      return false;
    }
    facts.lastCopyCount = result.rows;
    const done = `Load into table '${plan.command.table.at(-1)}' completed, ${result.rows} record(s) loaded successfully.`;
    await out(fieldsMessage("N", { S: "INFO", C: "00000", M: done }));
    // Without a count, as users of real clusters see.
    await out(messageOf("C", "COPY\0"));
    return true;
  };
  /** TRUNCATE commits the transaction that it is in. */
  const truncate = async (plan: Plan & { run: "truncate" | "plain" }): Promise<boolean> => {
    const inside = upstream.status() === "T";
    let { error } = await upstream.ask(plan.translation.sql);
    if (error === undefined && inside) ({ error } = await upstream.ask("COMMIT"));
    await out(
      error === undefined ? messageOf("C", "TRUNCATE TABLE\0") : fieldsMessage("E", asRedshift(error)),
    );
    return error === undefined;
  };
  const cut = (): never => {
    upstream.socket.destroy();
    client.resetAndDestroy();
    throw new Gone("Reset by a fault");
  };

  /** Holds everything as it is until the client goes. */
  const silence = async (): Promise<never> => {
    if (!client.destroyed) await new Promise((resolve) => client.once("close", resolve));
    throw new Gone("Silenced by a fault");
  };

  /** Runs plans between their hooks and faults and notes how it went; the reply of `work` is not sent when a fault follows. */
  const guarded = async (plans: readonly Plan[], work: () => Promise<boolean>): Promise<void> => {
    const ends = plans.map(({ sql, kind }) => controls.begin(sql, world.id, kind));
    const end = (outcome: Parameters<(typeof ends)[number]>[0]): void =>
      ends.forEach((tell) => tell(outcome));
    let fault: Fault | undefined;
    for (const plan of plans) fault ??= controls.due(plan.sql);
    const fail = async (effect: Fault["effect"]): Promise<void> => {
      end(typeof effect === "string" ? "reset" : "failed");
      if (effect === "reset") return cut();
      if (effect === "silence") return await silence();
      await raise(errorFields(effect.code, effect.message));
    };
    const hook = async (moment: keyof typeof controls.hooks): Promise<void> => {
      for (const plan of plans) await controls.hooks[moment]?.(plan.sql, world.id);
    };
    await hook("before");
    if (fault?.when === "before") return await fail(fault.effect);
    const refused = plans.find(({ run }) => run === "refuse");
    if (refused?.run === "refuse") {
      end("refused");
      return await raise(refused.error);
    }
    if (fault !== undefined || controls.hooks.after !== null) held = [];
    const went = await work().catch((error: unknown) => {
      end("lost");
      throw error;
    });
    await hook("after");
    const replies = held ?? [];
    held = undefined;
    if (fault !== undefined) return await fail(fault.effect);
    end(went ? "done" : "failed");
    for (const reply of replies) await out(reply);
  };
  const simple = async (sql: string): Promise<void> => {
    const plans = plansOf(sql, facts);
    const [only] = plans;
    await guarded(plans, async () => {
      if (only?.run === "copy" && plans.length === 1) return await copy(only);
      if (only?.run === "truncate" && plans.length === 1) return await truncate(only);
      await upstream.write(queryMessage(textOf(plans)));
      const { error } = await upstream.drain(passOn);
      if (error === undefined) await note(plans);
      return error === undefined;
    });
    await ready();
  };

  const extended = async (batch: readonly Message[]): Promise<void> => {
    const executed: Plan[] = [];
    const met: Plan[] = [];
    const forwarded: Buffer[] = [];
    for (const message of batch) {
      forwarded.push(message.raw);
      if (message.type === "P") {
        const { texts, end } = textsOf(message.body, 2);
        const plans = plansOf(texts[1] ?? "", facts);
        prepared.set(texts[0] ?? "", plans);
        met.push(...plans);
        forwarded[forwarded.length - 1] = messageOf(
          "P",
          Buffer.concat([Buffer.from(`${texts[0]}\0${textOf(plans)}\0`), message.body.subarray(end)]),
        );
      } else if (message.type === "B") {
        const { texts } = textsOf(message.body, 2);
        portals.set(texts[0] ?? "", prepared.get(texts[1] ?? "") ?? []);
      } else if (message.type === "E")
        executed.push(...(portals.get(textsOf(message.body, 1).texts[0] ?? "") ?? []));
    }
    const special = [...met, ...executed].find(({ run }) => run !== "plain");
    const logged = executed.length > 0 ? executed : met.filter(({ run }) => run === "refuse");
    await guarded(logged, async () => {
      if (special !== undefined) return await specially(batch, special);
      await upstream.write(Buffer.concat(forwarded));
      const { error } = await upstream.drain(passOn);
      if (error === undefined) await note(executed);
      return error === undefined;
    });
    await ready();
  };
  /** The replies to a batch of which the server sees nothing. */
  const specially = async (batch: readonly Message[], plan: Plan): Promise<boolean> => {
    for (const { type, body } of batch) {
      if (type === "P") await out(messageOf("1"));
      else if (type === "B") await out(messageOf("2"));
      else if (type === "C") await out(messageOf("3"));
      else if (type === "D") {
        if (body[0] === 0x53) await out(messageOf("t", Buffer.alloc(2)));
        await out(messageOf("n"));
      } else if (type === "E") {
        if (plan.run === "copy" && !(await copy(plan))) return false;
        if (plan.run === "truncate" && !(await truncate(plan))) return false;
      }
    }
    return true;
  };

  let batch: Message[] = [];
  for (;;) {
    const message = await reader.message();
    if (message === undefined || message.type === "X") return;
    if (message.type === "Q") await simple(textsOf(message.body, 1).texts[0] ?? "");
    else if (message.type === "H") throw new Gone("The stand-in does not serve Flush");
    else {
      batch.push(message);
      if (message.type !== "S") continue;
      const complete = batch;
      batch = [];
      await extended(complete);
    }
  }
}

function textOf(plans: readonly Plan[]): string {
  return plans.map((plan) => ("translation" in plan ? plan.translation.sql : plan.sql)).join(";");
}
