// The cell as one would write it first: an object an event, a list a queue, all events in one heap. Its results are the simulator's, to the
// nanosecond, which tests compare; its speed is what the benchmark compares.
import { eventQueue } from "../../core/events.ts";
import { random } from "../../core/random.ts";
import type { Access } from "../../virtual-wifi/cell.ts";
import type { NaiveCounts, Packet, Queue, Connection, Contender, Move, Event } from "./naive-parts.ts";
import { windows } from "./naive-windows.ts";
import type { Flow } from "../../virtual-wifi/station.ts";

const order = { start: 0, "exchange over": 1, move: 2, arrival: 3, timeout: 3, delay: 3, "backoff over": 4 } as const;

/** Runs a cell of these flows until the time, or to the end of the exchange that it falls into. */
export function naiveCell(
  flows: readonly Flow[],
  access: Access,
  untilNs: number,
): { counts: NaiveCounts[]; timeNs: number; idleNs: number; successNs: number; collisionNs: number } {
  const { slotNs, cwMin, cwMax, attempts, afterCollisionNs, countsBusy, queueFrames } = access;
  const { difsNs } = flows[0]!.times;
  const seeds = random(access.seed);
  const events = eventQueue<Event>();
  const queues = flows.map((flow): Queue => {
    const { exponential } = seeds.split(
      [`arrivals ${flow.direction} ${flow.station}`, ...(flow.address > 0 ? [flow.address] : [])].join("."),
    );
    const counts = { offered: 0, delivered: 0, attempts: 0, collided: 0, retryDrops: 0, queueDrops: 0 };
    return {
      ...{ flow, gapNs: () => exponential(1e9 / flow.traffic.packetsPerS), packets: [], arrivalNs: 0 },
      counts: { ...counts, waiting: 0, delaySumNs: 0, delayMaxNs: 0 },
    };
  });
  const contenderOf = (own: readonly Queue[], label: string): Contender => ({
    ...{ queues: own, isAccessPoint: own[0]!.flow.direction === "down", isFrozen: false },
    ...{ bits: seeds.split(label).bits, served: undefined, last: own[0]!, backoff: undefined, timer: undefined },
    ...{ cw: cwMin, tries: 0, batch: 0 },
  });
  const up = new Map<number, Queue[]>();
  for (const queue of queues)
    if (queue.flow.direction === "up") up.set(queue.flow.station, [...(up.get(queue.flow.station) ?? []), queue]);
  const contenders = [...up].map(([station, own]) => contenderOf(own, `backoff ${station}`));
  const down = queues.filter(({ flow }) => flow.direction === "down");
  if (down.length > 0) contenders.push(contenderOf(down, "backoff of the access point"));

  let [gridNs, idleNs, successNs, collisionNs] = [0, 0, 0, 0];
  const channel = { busy: false };
  const away = new Set<number>();
  const late: { readonly change: Move; readonly atNs: number }[] = [];
  const isAway = ({ flow }: Queue): boolean => away.has(flow.station);
  let senders: Contender[] = [];
  const isSaturated = ({ flow: { traffic, isAcks } }: Queue): boolean =>
    !isAcks && traffic.packetsPerS === Infinity && traffic.window === undefined;
  const wait = (contender: Contender): void => {
    if (channel.busy || contender.backoff === undefined || contender.isFrozen) return;
    contender.timer = events.schedule(gridNs + contender.backoff * slotNs, { kind: "backoff over", contender });
  };
  const draw = (contender: Contender): void => {
    contender.backoff = contender.bits() & contender.cw;
    wait(contender);
  };
  const next = (queue: Queue): void => {
    const { recorded } = queue.flow.traffic;
    const packet = recorded?.[queue.counts.offered];
    if (recorded !== undefined && packet === undefined) return;
    queue.arrivalNs = packet?.timeNs ?? queue.arrivalNs + queue.gapNs();
    events.schedule(Math.ceil(queue.arrivalNs), { kind: "arrival", queue });
  };
  const arrive = (queue: Queue, nowNs: number): void => {
    const number = queue.counts.offered;
    take(queue, { cameNs: nowNs, number }, nowNs);
    next(queue);
  };
  const take = (queue: Queue, packet: Packet, nowNs: number): void => {
    queue.counts.offered++;
    if (queue.packets.length === queueFrames) {
      queue.counts.queueDrops++;
      return;
    }
    queue.packets.push(packet);
    const contender = queue.contender!;
    if (contender.served !== undefined || isAway(queue)) return;
    contender.served = queue;
    contender.last = queue;
    offer(contender, nowNs);
  };
  const { send, receive, learn, due } = windows(events, take);
  const offer = (contender: Contender, nowNs: number): void => {
    if (contender.backoff !== undefined) return;
    if (channel.busy || nowNs < gridNs) draw(contender);
    else senders.push(contender);
  };
  const leave = (contender: Contender, nowNs: number): void => {
    const queue = contender.served!;
    if (isSaturated(queue)) queue.counts.offered += contender.batch;
    else queue.packets.splice(0, contender.batch);
    contender.cw = cwMin;
    contender.tries = 0;
    turn(contender, queue, nowNs);
  };
  const turn = (contender: Contender, after: Queue, nowNs: number): void => {
    const from = contender.queues.indexOf(after) + 1;
    const inTurn = [...contender.queues.slice(from), ...contender.queues.slice(0, from)];
    const served = inTurn.find((queue) => queue.packets.length > 0 && !isAway(queue));
    if (served !== undefined && isSaturated(served)) served.packets[0]!.cameNs = nowNs;
    contender.served = served;
    contender.last = served ?? after;
  };
  /** A station leaves or comes back: what it has kept of its backoff counts from the channel's slots on. */
  const move = ({ station, isAway: leaves }: Move, atNs: number, nowNs: number): void => {
    if (leaves) away.add(station);
    else away.delete(station);
    for (const contender of contenders) {
      if (!contender.queues.some(({ flow }) => flow.station === station)) continue;
      const { served } = contender;
      if (contender.isAccessPoint) {
        if (served !== undefined && isAway(served)) {
          contender.cw = cwMin;
          contender.tries = 0;
          turn(contender, served, nowNs);
          if (contender.served === undefined) senders = senders.filter((sender) => sender !== contender);
        } else if (served === undefined) {
          turn(contender, contender.last, nowNs);
          if (contender.served !== undefined) offer(contender, nowNs);
        }
        continue;
      }
      contender.isFrozen = leaves;
      if (leaves) {
        senders = senders.filter((sender) => sender !== contender);
        if (contender.timer !== undefined) events.cancel(contender.timer);
        contender.timer = undefined;
        if (contender.backoff === undefined) continue;
        contender.backoff -= Math.max(0, Math.floor((atNs - gridNs) / slotNs));
        if (contender.backoff === 0 && served === undefined) contender.backoff = undefined;
      } else {
        const slots = Math.max(0, Math.ceil((atNs + difsNs - gridNs) / slotNs));
        if (served === undefined && contender.last.packets.length > 0) contender.served = contender.last;
        else if (served === undefined) turn(contender, contender.last, nowNs);
        if (contender.served !== undefined) contender.backoff ??= contender.bits() & contender.cw;
        if (slots > 0 || contender.backoff !== undefined) contender.backoff = (contender.backoff ?? 0) + slots;
        wait(contender);
      }
    }
  };
  const begin = (startNs: number): void => {
    channel.busy = true;
    idleNs += startNs - gridNs;
    for (const contender of contenders) {
      if (contender.timer !== undefined) events.cancel(contender.timer);
      contender.timer = undefined;
      if (contender.backoff !== undefined && !contender.isFrozen)
        contender.backoff -= Math.floor((startNs - gridNs) / slotNs) + (countsBusy ? 1 : 0);
    }
    for (const contender of senders) {
      const queue = contender.served!;
      const most = queue.flow.traffic.recorded === undefined ? queue.flow.exchanges.length : 1;
      if (contender.tries === 0) contender.batch = isSaturated(queue) ? most : Math.min(most, queue.packets.length);
      queue.counts.attempts += contender.batch;
      if (senders.length > 1) queue.counts.collided += contender.batch;
    }
    const sent = senders.map(({ served, batch }) => {
      const { flow, packets } = served!;
      return flow.exchanges[flow.traffic.recorded === undefined ? batch - 1 : packets[0]!.number!]!;
    });
    const [lastsNs, spaceNs] =
      sent.length === 1
        ? [sent[0]!.successNs - difsNs, difsNs]
        : [Math.max(...sent.map(({ dataNs }) => dataNs)), afterCollisionNs];
    if (sent.length === 1) successNs += lastsNs + spaceNs;
    else collisionNs += lastsNs + spaceNs;
    events.schedule(startNs + lastsNs, { kind: "exchange over", senders, spaceNs });
    senders = [];
  };
  const finish = (sent: readonly Contender[], spaceNs: number, nowNs: number): void => {
    channel.busy = false;
    gridNs = nowNs + spaceNs;
    for (const contender of contenders) wait(contender);
    for (const contender of sent) {
      const queue = contender.served!;
      const { counts, connection } = queue;
      contender.tries++;
      if (sent.length === 1) {
        const one = queue.packets[0]!;
        const packets = isSaturated(queue)
          ? Array.from({ length: contender.batch }, () => ({ ...one }))
          : queue.packets.slice(0, contender.batch);
        for (const { cameNs } of packets) {
          counts.delivered++;
          counts.delaySumNs += nowNs - cameNs;
          counts.delayMaxNs = Math.max(counts.delayMaxNs, nowNs - cameNs);
        }
        leave(contender, nowNs);
        draw(contender);
        if (connection === undefined) continue;
        for (const packet of packets)
          if (queue === connection.data) receive(connection, packet, nowNs);
          else learn(connection, packet, nowNs);
        if (queue === connection.acks) send(connection, nowNs);
        continue;
      }
      if (contender.tries >= attempts) {
        counts.retryDrops += contender.batch;
        leave(contender, nowNs);
      } else contender.cw = Math.min(2 * contender.cw + 1, cwMax);
      draw(contender);
    }
    for (const { change, atNs } of late.splice(0)) move(change, atNs, nowNs);
  };

  for (const contender of contenders) {
    for (const queue of contender.queues) {
      queue.contender = contender;
      if (isSaturated(queue)) {
        queue.counts.offered = 1;
        queue.packets.push({ cameNs: 0 });
        contender.served ??= queue;
        contender.last = contender.served;
      } else if (queue.flow.traffic.window === undefined) next(queue);
    }
    if (contender.served !== undefined) draw(contender);
  }
  for (const data of queues) {
    const { traffic, isAcks, station, address } = data.flow;
    if (traffic.window === undefined || isAcks) continue;
    const acks = queues.find(
      ({ flow }) =>
        flow.isAcks && flow.station === station && flow.address === address && flow.direction !== data.flow.direction,
    )!;
    const connection: Connection = {
      ...{ data, acks, onTheWay: new Set(), got: new Set(), next: 0, window: traffic.window.initial },
      ...{ threshold: Infinity, recover: 0, givenUp: 0, heardOf: -1, roundTrip: undefined, timeoutNs: 1e9 },
      ...{ timer: undefined, highest: -1, held: 0, stampNs: 0, delay: undefined },
    };
    data.connection = connection;
    acks.connection = connection;
    events.schedule(0, { kind: "start", connection });
  }
  for (const [station, intervals] of new Map(flows.map((flow) => [flow.station, flow.away])))
    for (const { fromNs, untilNs: backNs } of intervals) {
      events.schedule(fromNs, { kind: "move", station, isAway: true });
      events.schedule(backNs, { kind: "move", station, isAway: false });
    }
  while (events.nextTime < untilNs || channel.busy) {
    const nowNs = events.nextTime;
    const now: Event[] = [];
    while (events.nextTime === nowNs) now.push(events.next()!);
    for (const event of now.sort((a, b) => order[a.kind] - order[b.kind])) {
      if (event.kind === "exchange over") finish(event.senders, event.spaceNs, nowNs);
      else if (event.kind === "move") {
        if (channel.busy) late.push({ change: event, atNs: nowNs });
        else move(event, nowNs, nowNs);
      } else if (event.kind === "arrival") arrive(event.queue, nowNs);
      else if (event.kind === "start") send(event.connection, nowNs);
      else if (event.kind === "backoff over") {
        const { contender } = event;
        // Who leaves at that very time does not send.
        if (contender.isFrozen) continue;
        contender.backoff = undefined;
        contender.timer = undefined;
        if (contender.served !== undefined && !senders.includes(contender)) senders.push(contender);
      } else due(event, nowNs);
    }
    if (senders.length > 0 && nowNs < untilNs) begin(nowNs);
    if (!channel.busy && gridNs >= untilNs) break;
  }
  const timeNs = Math.max(untilNs, gridNs);
  idleNs += timeNs - gridNs;
  while (events.nextTime < timeNs) {
    const event = events.next()!;
    if (event.kind === "arrival") arrive(event.queue, events.now);
    else if (event.kind === "timeout" || event.kind === "delay") due(event, events.now);
  }
  for (const { counts, packets } of queues) counts.waiting = packets.length;
  return { counts: queues.map(({ counts }) => counts), timeNs, idleNs, successNs, collisionNs };
}
