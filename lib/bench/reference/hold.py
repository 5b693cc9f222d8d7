"""The benchmark's peer in Python: the hold model in SimPy, as its users write it: each event is a process that waits again
and again. Usage: hold.py FILE WAITING HOLDS, where FILE holds WAITING times and then HOLDS delays, doubles in the machine's
order. Takes HOLDS events; prints the CPU seconds and the time at the end."""

import array
import sys
import time

try:
    import simpy

    simpy.Environment
except (ImportError, AttributeError):
    sys.exit("no SimPy 3 or newer")

path, waiting, holds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
delays = array.array("d")
with open(path, "rb") as file:
    delays.fromfile(file, waiting + holds)
following = iter(delays.tolist()).__next__


def process(env):
    while True:
        yield env.timeout(following())


env = simpy.Environment()
for _ in range(waiting):
    env.process(process(env))
# Each process begins by an event of its own.
for _ in range(waiting):
    env.step()
start = time.process_time()
step = env.step
for _ in range(holds):
    step()
print(time.process_time() - start, repr(env.now))
