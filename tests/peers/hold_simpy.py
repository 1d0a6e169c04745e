"""Classic hold on SimPy: hold_simpy.py N EVENTS SEED callbacks|processes

callbacks: a Timeout with a function for each event, the leanest that SimPy has (its value is read where it is kept,
past its property);
processes: a process that waits for each pending event, the way of its users."""

import random
import sys

import simpy
from peer import peak_memory, report, timed
from simpy.events import Timeout


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: hold_simpy.py N EVENTS SEED callbacks|processes")
    n, events = int(sys.argv[1]), int(sys.argv[2])
    random.seed(int(sys.argv[3]))
    unit, exponential = random.random, random.expovariate
    env = simpy.Environment()
    step = env.step
    touched = [0] * n
    memory = peak_memory()

    def fire(event):
        touched[event._value] += 1
        Timeout(env, exponential(1.0), int(unit() * n)).callbacks.append(fire)

    def wait(entity):
        while True:
            yield Timeout(env, exponential(1.0))
            touched[entity] += 1
            entity = int(unit() * n)

    def run(events):
        for _ in range(events):
            step()

    if sys.argv[4] == "callbacks":
        for i in range(n):
            Timeout(env, exponential(1.0), i).callbacks.append(fire)
    else:
        for i in range(n):
            env.process(wait(i))
        run(n)  # they begin with an event of their own
    run(max(n, 100000))
    now = env.now
    cpu, wall = timed(lambda: run(events))
    delay = (env.now - now) * n / events
    report(work=events, cpu=cpu, wall=wall, delay=delay, memory=(peak_memory() - memory) / n)


main()
