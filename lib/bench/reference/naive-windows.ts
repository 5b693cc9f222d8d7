// Windows as one would write them first: both sides keep all that they have sent and got.
import type { EventQueue } from "../../core/events.ts";
import type { Connection, Deadline, Event, Packet, Queue } from "./naive-parts.ts";

/** What connections do when something of theirs comes. */
export interface Windows {
  /** As many packets as the window lets go. */
  readonly send: (connection: Connection, nowNs: number) => void;
  /** A packet is with its receiver. */
  readonly receive: (connection: Connection, packet: Packet, nowNs: number) => void;
  /** An acknowledgement is with the sender. */
  readonly learn: (connection: Connection, packet: Packet, nowNs: number) => void;
  /** No acknowledgement came in time, or one was held back for long enough. */
  readonly due: (deadline: Deadline, nowNs: number) => void;
}

/** Windows whose packets go by `take` into their queues. */
export function windows(
  events: EventQueue<Event>,
  take: (queue: Queue, packet: Packet, nowNs: number) => void,
): Windows {
  const send = (connection: Connection, nowNs: number): void => {
    const { data, onTheWay } = connection;
    const { packets } = data.flow.traffic.window!;
    while (onTheWay.size < packets && onTheWay.size < Math.floor(connection.window)) {
      const number = connection.next++;
      onTheWay.add(number);
      wakeAt(connection, connection.timer === undefined ? nowNs + connection.timeoutNs : undefined);
      take(data, { cameNs: nowNs, number }, nowNs);
    }
  };
  const deadline = (kind: Deadline["kind"], connection: Connection, atNs: number): number => {
    const event: Deadline = { kind, connection, handle: 0 };
    event.handle = events.schedule(atNs, event);
    return event.handle;
  };
  const wakeAt = (connection: Connection, atNs: number | undefined): void => {
    if (atNs !== undefined) connection.timer = deadline("timeout", connection, atNs);
  };
  const acknowledge = (connection: Connection, nowNs: number): void => {
    const { highest, stampNs } = connection;
    if (connection.delay !== undefined) events.cancel(connection.delay);
    connection.delay = undefined;
    connection.held = 0;
    take(connection.acks, { cameNs: nowNs, says: { upTo: highest, stampNs } }, nowNs);
  };
  const receive = (connection: Connection, { number, cameNs }: Packet, nowNs: number): void => {
    const { ackEvery, delayNs } = connection.data.flow.traffic.window!;
    const isGap = number !== connection.highest + 1;
    connection.highest = number!;
    connection.got.add(number!);
    connection.held++;
    if (connection.held === 1) {
      connection.stampNs = cameNs;
      connection.delay = deadline("delay", connection, nowNs + delayNs);
    }
    if (isGap || connection.held >= ackEvery) acknowledge(connection, nowNs);
  };
  const learn = (connection: Connection, { says }: Packet, nowNs: number): void => {
    const { upTo, stampNs } = says!;
    const { packets, minTimeoutNs } = connection.data.flow.traffic.window!;
    let [fresh, lost] = [0, 0];
    for (let number = connection.heardOf + 1; number <= upTo; number++) {
      connection.onTheWay.delete(number);
      if (connection.got.has(number)) fresh++;
      else lost++;
    }
    const sampleNs = nowNs - stampNs;
    const { roundTrip } = connection;
    connection.roundTrip =
      roundTrip === undefined
        ? { meanNs: sampleNs, deviationNs: sampleNs / 2 }
        : {
            meanNs: 0.875 * roundTrip.meanNs + 0.125 * sampleNs,
            deviationNs: 0.75 * roundTrip.deviationNs + 0.25 * Math.abs(roundTrip.meanNs - sampleNs),
          };
    const { meanNs, deviationNs } = connection.roundTrip;
    connection.timeoutNs = Math.min(60e9, Math.max(minTimeoutNs, Math.ceil(meanNs + 4 * deviationNs)));
    if (lost > 0 && upTo >= connection.recover && connection.heardOf >= connection.givenUp) {
      connection.threshold = Math.max(2, connection.window / 2);
      connection.window = connection.threshold;
      connection.recover = connection.next;
    } else if (connection.window < connection.threshold)
      connection.window = Math.min(packets, connection.window + fresh);
    else connection.window = Math.min(packets, connection.window + fresh / connection.window);
    connection.heardOf = upTo;
    if (connection.timer !== undefined) events.cancel(connection.timer);
    connection.timer = undefined;
    wakeAt(connection, connection.onTheWay.size > 0 ? nowNs + connection.timeoutNs : undefined);
  };
  const giveUp = (connection: Connection, nowNs: number): void => {
    connection.threshold = Math.max(2, connection.onTheWay.size / 2);
    connection.window = 1;
    connection.recover = connection.next;
    connection.givenUp = connection.next;
    connection.onTheWay.clear();
    connection.timeoutNs = Math.min(60e9, 2 * connection.timeoutNs);
    connection.timer = undefined;
    send(connection, nowNs);
  };
  const due = ({ kind, connection, handle }: Deadline, nowNs: number): void => {
    if (kind === "timeout" && handle === connection.timer) giveUp(connection, nowNs);
    if (kind === "delay" && handle === connection.delay) acknowledge(connection, nowNs);
  };
  return { send, receive, learn, due };
}
