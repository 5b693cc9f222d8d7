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
  readonly bits: () => number;
  served: Queue | undefined;
  backoff: number | undefined;
  timer: number | undefined;
  cw: number;
  tries: number;
}

type Event =
  | { readonly kind: "exchange over"; readonly senders: readonly Contender[]; readonly spaceNs: number }
  | { readonly kind: "arrival"; readonly queue: Queue; readonly contender: Contender }
  | { readonly kind: "backoff over"; readonly contender: Contender };

const order = { "exchange over": 0, arrival: 1, "backoff over": 2 } as const;

/** Runs a cell of these flows until the time, or to the end of the exchange that it falls into. */
export function naiveCell(
  flows: readonly Flow[],
  access: Access,
  untilNs: number,
): { counts: NaiveCounts[]; timeNs: number; idleNs: number; successNs: number; collisionNs: number } {
  const { slotNs, cwMin, cwMax, attempts, afterCollisionNs, countsBusy, queueFrames } = access;
  const seeds = random(access.seed);
  const events = eventQueue<Event>();
  const queues = flows.map((flow): Queue => {
    const { exponential } = seeds.split(`arrivals ${flow.direction} ${flow.station}`);
    const counts = { offered: 0, delivered: 0, attempts: 0, collided: 0, retryDrops: 0, queueDrops: 0 };
    return {
      ...{ flow, gapNs: () => exponential(1e9 / flow.traffic.packetsPerS), came: [], arrivalNs: 0 },
      counts: { ...counts, waiting: 0, delaySumNs: 0, delayMaxNs: 0 },
    };
  });
  const contenderOf = (own: readonly Queue[], label: string): Contender => ({
    ...{ queues: own, bits: seeds.split(label).bits, served: undefined, backoff: undefined, timer: undefined },
    ...{ cw: cwMin, tries: 0 },
  });
  const contenders = queues
    .filter(({ flow }) => flow.direction === "up")
    .map((queue) => contenderOf([queue], `backoff ${queue.flow.station}`));
  const down = queues.filter(({ flow }) => flow.direction === "down");
  if (down.length > 0) contenders.push(contenderOf(down, "backoff of the access point"));

  let [gridNs, idleNs, successNs, collisionNs] = [0, 0, 0, 0];
  const channel = { busy: false };
  let senders: Contender[] = [];
  const isSaturated = ({ flow }: Queue): boolean => flow.traffic.packetsPerS === Infinity;
  const wait = (contender: Contender): void => {
    if (channel.busy || contender.backoff === undefined) return;
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
    if (contender.served !== undefined) return;
    contender.served = queue;
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
    const from = contender.queues.indexOf(queue) + 1;
    const inTurn = [...contender.queues.slice(from), ...contender.queues.slice(0, from)];
    const served = inTurn.find(({ came }) => came.length > 0);
    if (served !== undefined && isSaturated(served)) served.came[0] = nowNs;
    contender.served = served;
  };
  const begin = (startNs: number): void => {
    channel.busy = true;
    idleNs += startNs - gridNs;
    for (const contender of contenders) {
      if (contender.timer !== undefined) events.cancel(contender.timer);
      contender.timer = undefined;
      if (contender.backoff !== undefined)
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
  };

  for (const contender of contenders) {
    for (const queue of contender.queues)
      if (isSaturated(queue)) {
        queue.counts.offered = 1;
        queue.came.push(0);
        contender.served ??= queue;
      } else next(queue, contender);
    if (contender.served !== undefined) draw(contender);
  }
  while (events.nextTime < untilNs || channel.busy) {
    const nowNs = events.nextTime;
    const now: Event[] = [];
    while (events.nextTime === nowNs) now.push(events.next()!);
    for (const event of now.sort((a, b) => order[a.kind] - order[b.kind])) {
      if (event.kind === "exchange over") finish(event.senders, event.spaceNs, nowNs);
      else if (event.kind === "arrival") arrive(event.queue, event.contender, nowNs);
      else {
        const { contender } = event;
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
