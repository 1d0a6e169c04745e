"""The star on SimPy: star_simpy.py GATEWAYS DEVICES SEED callbacks|processes

DEVICES is for each PN GW. callbacks: a Timeout with a function for each event, the leanest that SimPy has (attributes are
read where they are kept, past their properties); timers that come too late are let go. processes: a process for each
device and each attempt, and a Resource for the workers, the way of its users."""

import random
import sys
from collections import deque

import simpy
from peer import PAN, START_WITHIN, TRANSACTIONS, TRIES, WAN, WORKERS, peak_memory, report, service, timed
from simpy.events import Timeout


class Tally:
    """What becomes of the transactions."""

    def __init__(self):
        self.answered = self.failed = self.retransmissions = 0
        self.response = 0.0


def with_callbacks(env, gateways, devices, tally):
    """Messages are (device, transaction, attempt). Lists hold what each device and each PN GW knows."""
    n = gateways * devices
    unit, exponential = random.random, random.expovariate
    rate = 1.0 / service(n)
    up, down, since = [0.0] * n, [0.0] * n, [0.0] * n  # until when each side of a link sends
    wan_up, wan_down = [0.0] * gateways, [0.0] * gateways
    transaction, attempt = [0] * n, [0] * n
    queue = deque()
    busy = 0

    def send(link, sides, i, arrive, message):
        serialisation, latency, spread, loss = link
        now = env._now
        end = sides[i]
        sides[i] = end = (end if end > now else now) + serialisation
        if unit() >= loss:
            Timeout(env, end - now + latency + spread * unit(), message).callbacks.append(arrive)

    def start(event):
        begin(event._value)

    def begin(i):
        attempt[i] = 0
        since[i] = env._now
        ask(i)

    def ask(i):
        message = (i, transaction[i], attempt[i])
        send(PAN, up, i, at_gateway, message)
        Timeout(env, 1.0 * (1 << attempt[i]), message).callbacks.append(time_out)

    def go_on(i):
        transaction[i] += 1
        if transaction[i] < TRANSACTIONS:
            begin(i)

    def time_out(event):
        i, x, a = event._value
        if transaction[i] != x or attempt[i] != a:
            return
        if a + 1 < TRIES:
            attempt[i] = a + 1
            tally.retransmissions += 1
            ask(i)
        else:
            tally.failed += 1
            go_on(i)

    def at_gateway(event):
        message = event._value
        send(WAN, wan_up, message[0] // devices, at_server, message)

    def at_server(event):
        nonlocal busy
        if busy == WORKERS:
            queue.append(event._value)
        else:
            busy += 1
            Timeout(env, exponential(rate), event._value).callbacks.append(served)

    def served(event):
        nonlocal busy
        message = event._value
        send(WAN, wan_down, message[0] // devices, back_at_gateway, message)
        if queue:
            Timeout(env, exponential(rate), queue.popleft()).callbacks.append(served)
        else:
            busy -= 1

    def back_at_gateway(event):
        message = event._value
        send(PAN, down, message[0], back_at_device, message)

    def back_at_device(event):
        i, x, _ = event._value
        if transaction[i] == x:
            tally.answered += 1
            tally.response += env._now - since[i]
            go_on(i)

    for i in range(n):
        Timeout(env, START_WITHIN * unit(), i).callbacks.append(start)


def with_processes(env, gateways, devices, tally):
    n = gateways * devices
    unit, exponential = random.random, random.expovariate
    rate = 1.0 / service(n)
    up, down = [0.0] * n, [0.0] * n  # until when each side of a link sends
    wan_up, wan_down = [0.0] * gateways, [0.0] * gateways
    workers = simpy.Resource(env, WORKERS)

    def send(link, sides, i):
        """How long a message is under way, or None if it is lost."""
        serialisation, latency, spread, loss = link
        sides[i] = end = max(sides[i], env.now) + serialisation
        return None if unit() < loss else end - env.now + latency + spread * unit()

    def carry(*legs):
        """Along the legs; True if it arrives."""
        for link, sides, place in legs:
            delay = send(link, sides, place)
            if delay is None:
                return False
            yield env.timeout(delay)
        return True

    def attempt(i, answer):
        if not (yield from carry((PAN, up, i), (WAN, wan_up, i // devices))):
            return
        with workers.request() as worker:
            yield worker
            yield env.timeout(exponential(rate))
        if (yield from carry((WAN, wan_down, i // devices), (PAN, down, i))) and not answer.triggered:
            answer.succeed()

    def device(i):
        yield env.timeout(START_WITHIN * unit())
        for _ in range(TRANSACTIONS):
            since, answer = env.now, env.event()
            for k in range(TRIES):
                if k > 0:
                    tally.retransmissions += 1
                env.process(attempt(i, answer))
                yield answer | env.timeout(1.0 * (1 << k))
                if answer.triggered:
                    tally.answered += 1
                    tally.response += env.now - since
                    break
            else:
                tally.failed += 1

    for i in range(n):
        env.process(device(i))


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: star_simpy.py GATEWAYS DEVICES SEED callbacks|processes")
    gateways, devices = int(sys.argv[1]), int(sys.argv[2])
    random.seed(int(sys.argv[3]))
    env, tally, memory = simpy.Environment(), Tally(), peak_memory()
    (with_callbacks if sys.argv[4] == "callbacks" else with_processes)(env, gateways, devices, tally)
    cpu, wall = timed(env.run)
    n = gateways * devices
    report(
        work=tally.answered + tally.failed,
        cpu=cpu,
        wall=wall,
        devices=n,
        events=next(env._eid),  # all that were ever scheduled; there is no public way to ask
        retransmissions=tally.retransmissions,
        failed=tally.failed,
        response=tally.response / tally.answered,
        memory=(peak_memory() - memory) / n,
    )


main()
