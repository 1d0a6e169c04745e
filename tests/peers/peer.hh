/* What the peers' programs in C++ share: the two models' figures, draws, CPU time and memory, and the line that they
 * print. The models themselves are written for each peer as its users would.
 *
 * Draws are xoshiro256++ (Blackman, Vigna 2018), the same for all lean models: no peer is slow because of its
 * generator. */
#ifndef TESTS_PEERS_PEER_HH
#define TESTS_PEERS_PEER_HH

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace peer
{

class Random
{
      public:
	explicit Random(uint64_t seed)
	{
		for (uint64_t &word : m_state) { /* splitmix64 */
			uint64_t z = seed += 0x9e3779b97f4a7c15;

			z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
			z = (z ^ z >> 27) * 0x94d049bb133111eb;
			word = z ^ z >> 31;
		}
	}

	uint64_t Bits()
	{
		uint64_t *s = m_state, bits = Rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;

		s[2] ^= s[0];
		s[3] ^= s[1];
		s[1] ^= s[2];
		s[0] ^= s[3];
		s[2] ^= t;
		s[3] = Rotated(s[3], 45);
		return bits;
	}

	/* In (0, 1]. */
	double Unit()
	{
		return static_cast<double>((Bits() >> 11) + 1) * 0x1p-53;
	}

	double Exponential(double mean)
	{
		return -mean * std::log(Unit());
	}

	/* In 0 .. n-1. */
	uint32_t Below(uint32_t n)
	{
		return static_cast<uint32_t>((Bits() >> 32) * n >> 32);
	}

      private:
	static uint64_t Rotated(uint64_t x, int k)
	{
		return x << k | x >> (64 - k);
	}

	uint64_t m_state[4];
};

/* Measures the CPU time of this process, which others that run beside it hardly touch, and real time. */
class Stopwatch
{
      public:
	void Start()
	{
		m_cpu = Now(CLOCK_PROCESS_CPUTIME_ID);
		m_wall = Now(CLOCK_MONOTONIC);
	}

	void Stop()
	{
		m_cpu = Now(CLOCK_PROCESS_CPUTIME_ID) - m_cpu;
		m_wall = Now(CLOCK_MONOTONIC) - m_wall;
	}

	/* s, once stopped */
	double Cpu() const
	{
		return m_cpu;
	}

	double Wall() const
	{
		return m_wall;
	}

      private:
	static double Now(clockid_t clock)
	{
		timespec t;

		clock_gettime(clock, &t);
		return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
	}

	double m_cpu = 0, m_wall = 0;
};

/* The most memory that this program had, octets. (getrusage would tell of who started it, too.) */
inline double PeakMemory()
{
	char line[128];
	long kilobytes = 0;
	FILE *status = std::fopen("/proc/self/status", "r");

	while (status != nullptr && std::fgets(line, sizeof line, status) != nullptr &&
	       std::sscanf(line, "VmHWM: %ld", &kilobytes) != 1) {
	}
	if (status != nullptr)
		std::fclose(status);
	return static_cast<double>(kilobytes) * 1024;
}

/* A program's arguments: numbers, then words. */
class Arguments
{
      public:
	Arguments(int argc, char **argv, const char *usage, int n) : m_argv(argv)
	{
		if (argc == n + 1)
			return;
		std::fprintf(stderr, "usage: %s\n", usage);
		std::exit(2);
	}

	uint32_t Number(int i) const
	{
		return static_cast<uint32_t>(std::strtoul(m_argv[i], nullptr, 10));
	}

	std::string Word(int i) const
	{
		return m_argv[i];
	}

      private:
	char **m_argv;
};

/* Classic hold: N entities with one pending event each; an event touches its entity, and schedules one after an
 * exponential delay of mean 1 s at an entity drawn uniformly. What is measured comes after so many events that each
 * entity has had one, and 100 000 at least. */
class Hold
{
      public:
	Hold(uint32_t entities, uint32_t events, uint32_t seed)
	    : n(entities), random(seed), m_touched(n), m_events(events), m_left(std::max<uint32_t>(n, 100000)),
	      m_memory(PeakMemory())
	{
	}

	const uint32_t n;
	Random random;

	/* To be called for each event. True when it was the last; `now` returns the virtual time, s. */
	template <typename Now> bool Touch(uint32_t entity, Now now)
	{
		m_touched[entity]++;
		return --m_left == 0 && Mark(now());
	}

	/* What is to be known of the measured events. With N entities, one comes each N-th of the mean delay. */
	void Report() const
	{
		std::printf("work=%u cpu=%.6f wall=%.6f delay=%.6f memory=%.0f\n", m_events, m_watch.Cpu(),
			    m_watch.Wall(), m_time * n / m_events, (PeakMemory() - m_memory) / n);
		std::fflush(stdout);
	}

      private:
	/* Begins the measurement, or ends it and returns true. */
	bool Mark(double now)
	{
		if (m_measuring) {
			m_watch.Stop();
			m_time = now - m_time;
			return true;
		}
		m_measuring = true;
		m_left = m_events;
		m_time = now;
		m_watch.Start();
		return false;
	}

	std::vector<uint32_t> m_touched;
	uint32_t m_events, m_left;
	bool m_measuring = false;
	double m_memory, m_time = 0;
	Stopwatch m_watch;
};

/* The star: see models/bench/star.c. Times are in nanoseconds. */
namespace star
{

constexpr int64_t kSecond = 1000000000, kStartWithin = 60 * kSecond, kFirstTimeout = kSecond;
constexpr unsigned kTransactions = 10, kTries = 5, kWorkers = 8;
constexpr uint32_t kOctets = 256; /* of a message */

struct Link {
	int64_t serialisation; /* of a message */
	int64_t latency;       /* at least */
	uint32_t spread;       /* of the latency */
	double loss;
};

constexpr Link kPan{2048000, 5000000, 25000000, 0.02}, kWan{204800, 35000000, 10000000, 0.005};

/* The mean that loads the workers to 70 % while devices start. */
inline double Service(uint32_t devices)
{
	return 0.7 * kWorkers * static_cast<double>(kStartWithin) / (1.0 * kTransactions * devices);
}

/* A message: which transaction of which device, and which attempt at it. */
struct Message {
	uint32_t device;
	uint16_t transaction, attempt;
};

/* What becomes of the transactions. */
class Tally
{
      public:
	uint64_t retransmissions = 0, failed = 0, events = 0;

	void Answered(int64_t response)
	{
		m_answered++;
		m_response += response;
	}

	/* Everything is set up, and virtual time begins. */
	void Begin()
	{
		m_watch.Start();
	}

	/* Everything has happened. */
	void End()
	{
		m_watch.Stop();
	}

	void Report(uint32_t devices) const
	{
		double answered = static_cast<double>(m_answered);

		std::printf("work=%llu cpu=%.6f wall=%.6f devices=%u events=%llu retransmissions=%llu failed=%llu "
			    "response=%.9f memory=%.0f\n",
			    static_cast<unsigned long long>(m_answered + failed), m_watch.Cpu(), m_watch.Wall(),
			    devices, static_cast<unsigned long long>(events),
			    static_cast<unsigned long long>(retransmissions), static_cast<unsigned long long>(failed),
			    static_cast<double>(m_response) / answered / static_cast<double>(kSecond),
			    (PeakMemory() - m_memory) / devices);
		std::fflush(stdout);
	}

      private:
	uint64_t m_answered = 0;
	int64_t m_response = 0;
	double m_memory = PeakMemory();
	Stopwatch m_watch;
};

} // namespace star
} // namespace peer

#endif
