import { expect, it } from "vitest";
import { disk, disk2011, linkBytesPerS } from "../index.ts";

it("a disk serves first come, first served, and a sequential request without a seek", () => {
  const queue = disk({ label: "by hand", accessMs: 10, sequentialMBps: 1, latencyMs: 2 });
  // 0 ms: seek 10, 1000 bytes at 1 MB/s 1, answer 2
  expect(queue.serve(0, 5000, 1000)).toBe(13e6);
  // 4 ms: waits until 11 (the answer's 2 ms do not occupy), goes on where the first ended: 1, answer 2: at 14
  expect(queue.serve(4e6, 6000, 1000)).toBe(10e6);
  // 20 ms: idle, elsewhere
  expect(queue.serve(20e6, 0, 1000)).toBe(13e6);
});

it("a link's share is limited by bandwidth over connections, or by the window", () => {
  const link = { label: "by hand", bandwidthMbps: 80, rttMs: 100, windowBytes: 400_000 };
  expect(linkBytesPerS(link)).toBe(4e6); // 10 MB/s, but 400 kB in 0.1 s
  expect(linkBytesPerS(link, 5)).toBe(2e6); // a fifth of 10 MB/s
  expect(linkBytesPerS({ label: "", bandwidthMbps: 8, rttMs: 0, windowBytes: 1 })).toBe(1e6); // no RTT, no limit
});

it("speeds and links out of range are refused", () => {
  expect(() => disk({ ...disk2011, sequentialMBps: 0 })).toThrow("disk.sequentialMBps: expected a finite number > 0");
  expect(() => linkBytesPerS({ label: "", bandwidthMbps: -1, rttMs: 0 })).toThrow("link.bandwidthMbps: expected");
});
