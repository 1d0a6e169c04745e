"""What the peers' programs in Python share: the star's figures, time and memory, and the line that they print."""

import time

# The star: see models/bench/star.c. Times are in seconds.
START_WITHIN, TRANSACTIONS, TRIES, WORKERS = 60.0, 10, 5, 8
PAN = (0.002048, 0.005, 0.025, 0.02)  # serialisation of a message; least latency, and its spread; loss
WAN = (0.0002048, 0.035, 0.010, 0.005)


def service(devices):
    """The mean that loads the workers to 70 % while devices start."""
    return 0.7 * WORKERS * START_WITHIN / (TRANSACTIONS * devices)


def peak_memory():
    """The most memory that this program had, octets. (getrusage would tell of who started it, too.)"""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024


def timed(work):
    """Does the work; the CPU time of this process and the real time that it took."""
    cpu, wall = time.process_time(), time.monotonic()
    work()
    return time.process_time() - cpu, time.monotonic() - wall


def report(**figures):
    print(" ".join(f"{name}={value}" for name, value in figures.items()), flush=True)
