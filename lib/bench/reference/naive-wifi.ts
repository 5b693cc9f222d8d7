// The cell as one would write it first: an object an event, a list a queue, all events in one heap. Its results are the simulator's, to the
// nanosecond, which tests compare; its speed is what the benchmark compares.
import { eventQueue } from "../../core/events.ts";
import { random } from "../../core/random.ts";
import type { Access } from "../../virtual-wifi/cell.ts";
import type { Flow } from "../../virtual-wifi/station.ts";

/** What became of a flow's frames. */
export interface NaiveCounts {
  offered: number;
  delivered: number;
  attempts: number;
  collided: number;
  retryDrops: number;
  queueDrops: number;
  waiting: number;
  delaySumNs: number;
  delayMaxNs: number;
}

interface Queue {
  readonly flow: Flow;
  readonly gapNs: () => number;
  readonly counts: NaiveCounts;
  /** When the packets came that wait. */
  readonly came: number[];
  arrivalNs: number;
}

interface Contender {
  readonly queues: readonly Queue[];
  readonly isAccessPoint: boolean;
  readonly bits: () => number;
  served: Queue | undefined;
  /** What it serves, or served last. */
  last: Queue;
  backoff: number | undefined;
  timer: number | undefined;
  cw: number;
  tries: number;
  isFrozen: boolean;
}

interface Move {
  readonly kind: "move";
  readonly station: number;
  readonly isAway: boolean;
}

type Event =
  | { readonly kind: "exchange over"; readonly senders: readonly Contender[]; readonly spaceNs: number }
  | Move
  | { readonly kind: "arrival"; readonly queue: Queue; readonly contender: Contender }
  | { readonly kind: "backoff over"; readonly contender: Contender };

const order = { "exchange over": 0, move: 1, arrival: 2, "backoff over": 3 } as const;

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
      ...{ flow, gapNs: () => exponential(1e9 / flow.traffic.packetsPerS), came: [], arrivalNs: 0 },
      counts: { ...counts, waiting: 0, delaySumNs: 0, delayMaxNs: 0 },
    };
  });
  const contenderOf = (own: readonly Queue[], label: string): Contender => ({
    ...{ queues: own, isAccessPoint: own[0]!.flow.direction === "down", isFrozen: false },
    ...{ bits: seeds.split(label).bits, served: undefined, last: own[0]!, backoff: undefined, timer: undefined },
    ...{ cw: cwMin, tries: 0 },
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
  const isSaturated = ({ flow }: Queue): boolean => flow.traffic.packetsPerS === Infinity;
  const wait = (contender: Contender): void => {
    if (channel.busy || contender.backoff === undefined || contender.isFrozen) return;
    contender.timer = events.schedule(gridNs + contender.backoff * slotNs, { kind: "backoff over", contender });
  };
  const draw = (contender: Contender): void => {
    contender.backoff = contender.bits() & contender.cw;
    wait(contender);
  };
  const next = (queue: Queue, contender: Contender): void => {
    queue.arrivalNs += queue.gapNs();
    events.schedule(Math.ceil(queue.arrivalNs), { kind: "arrival", queue, contender });
  };
  const arrive = (queue: Queue, contender: Contender, nowNs: number): void => {
    next(queue, contender);
    queue.counts.offered++;
    if (queue.came.length === queueFrames) {
      queue.counts.queueDrops++;
      return;
    }
    queue.came.push(nowNs);
    if (contender.served !== undefined || isAway(queue)) return;
    contender.served = queue;
    contender.last = queue;
    offer(contender, nowNs);
  };
  const offer = (contender: Contender, nowNs: number): void => {
    if (contender.backoff !== undefined) return;
    if (channel.busy || nowNs < gridNs) draw(contender);
    else senders.push(contender);
  };
  const leave = (contender: Contender, nowNs: number): void => {
    const queue = contender.served!;
    queue.came.shift();
    if (isSaturated(queue)) {
      queue.counts.offered++;
      queue.came.push(nowNs);
    }
    contender.cw = cwMin;
    contender.tries = 0;
    turn(contender, queue, nowNs);
  };
  const turn = (contender: Contender, after: Queue, nowNs: number): void => {
    const from = contender.queues.indexOf(after) + 1;
    const inTurn = [...contender.queues.slice(from), ...contender.queues.slice(0, from)];
    const served = inTurn.find((queue) => queue.came.length > 0 && !isAway(queue));
    if (served !== undefined && isSaturated(served)) served.came[0] = nowNs;
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
        } else if (served === undefined) {
          turn(contender, contender.last, nowNs);
          if (contender.served !== undefined) offer(contender, nowNs);
        }
        continue;
      }
      contender.isFrozen = leaves;
      if (leaves) {
        if (contender.timer !== undefined) events.cancel(contender.timer);
        contender.timer = undefined;
        if (contender.backoff === undefined) continue;
        contender.backoff -= Math.max(0, Math.floor((atNs - gridNs) / slotNs));
        if (contender.backoff === 0 && served === undefined) contender.backoff = undefined;
      } else {
        const slots = Math.max(0, Math.ceil((atNs + difsNs - gridNs) / slotNs));
        if (served === undefined && contender.last.came.length > 0) contender.served = contender.last;
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
    const sent = senders.map(({ served }) => served!);
    for (const { counts } of sent) {
      counts.attempts++;
      if (sent.length > 1) counts.collided++;
    }
    const { times } = sent[0]!.flow;
    const [lastsNs, spaceNs] =
      sent.length === 1
        ? [times.successNs - times.difsNs, times.difsNs]
        : [Math.max(...sent.map(({ flow }) => flow.times.dataNs)), afterCollisionNs];
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
      const { counts, came } = contender.served!;
      contender.tries++;
      if (sent.length === 1) {
        counts.delivered++;
        counts.delaySumNs += nowNs - came[0]!;
        counts.delayMaxNs = Math.max(counts.delayMaxNs, nowNs - came[0]!);
        leave(contender, nowNs);
      } else if (contender.tries >= attempts) {
        counts.retryDrops++;
        leave(contender, nowNs);
      } else contender.cw = Math.min(2 * contender.cw + 1, cwMax);
      draw(contender);
    }
    for (const { change, atNs } of late.splice(0)) move(change, atNs, nowNs);
  };

  for (const contender of contenders) {
    for (const queue of contender.queues)
      if (isSaturated(queue)) {
        queue.counts.offered = 1;
        queue.came.push(0);
        contender.served ??= queue;
        contender.last = contender.served;
      } else next(queue, contender);
    if (contender.served !== undefined) draw(contender);
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
      } else if (event.kind === "arrival") arrive(event.queue, event.contender, nowNs);
      else {
        const { contender } = event;
        // Who leaves at that very time does not send.
        if (contender.isFrozen) continue;
        contender.backoff = undefined;
        contender.timer = undefined;
        if (contender.served !== undefined && !senders.includes(contender)) senders.push(contender);
      }
    }
    if (senders.length > 0 && nowNs < untilNs) begin(nowNs);
    if (!channel.busy && gridNs >= untilNs) break;
  }
  const timeNs = Math.max(untilNs, gridNs);
  idleNs += timeNs - gridNs;
  while (events.nextTime < timeNs) {
    const event = events.next()!;
    if (event.kind === "arrival") arrive(event.queue, event.contender, events.now);
  }
  for (const { counts, came } of queues) counts.waiting = came.length;
  return { counts: queues.map(({ counts }) => counts), timeNs, idleNs, successNs, collisionNs };
}
