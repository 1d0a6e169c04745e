/* The star on the timers of SimGrid's kernel: star_simgrid GATEWAYS DEVICES SEED
 *
 * DEVICES is for each PN GW. SimGrid's own networks are fluid: their messages are neither lost nor late by chance, so
 * links are functions here, and the leanest event of SimGrid carries what is on them. A device's timer is removed
 * when its answer comes: the pending events are a heap that can do so, and the smaller the faster. */
#include <deque>
#include <vector>

#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include "peer.hh"

namespace sg4 = simgrid::s4u;
using simgrid::kernel::timer::Timer;
using namespace peer::star;

/* One side of a link: until when it sends, s. SimGrid's time is a double. */
using Side = double;

static constexpr double kNanosecond = 1e-9;

class Star
{
      public:
	Star(uint32_t gateways, uint32_t devices, uint64_t seed)
	    : m_random(seed), m_devices(gateways * devices), m_gateways(gateways), m_devices_per_gateway(devices),
	      m_service(Service(gateways * devices) * kNanosecond)
	{
		for (uint32_t i = 0; i < m_devices.size(); i++)
			At(m_random.Unit() * kStartWithin * kNanosecond, [this, i] { Start(i); });
	}

	void Run(sg4::Engine &engine)
	{
		m_tally.Begin();
		engine.run();
		m_tally.End();
		m_tally.Report(static_cast<uint32_t>(m_devices.size()));
	}

      private:
	struct Device {
		Side up = 0, down = 0; /* of its PAN link; the PN GW's side is kept here, too */
		double since = 0;      /* when the transaction was begun */
		Timer *timer = nullptr;
		uint16_t transaction = 0, attempt = 0;
	};

	struct Gateway {
		Side up = 0, down = 0; /* of its WAN link */
	};

	template <typename Function> Timer *At(double date, Function function)
	{
		return Timer::set(date, [this, function] {
			m_tally.events++;
			function();
		});
	}

	static double Now()
	{
		return sg4::Engine::get_clock();
	}

	template <typename Function> void Send(const Link &link, Side &side, Function arrive)
	{
		side = std::max(side, Now()) + static_cast<double>(link.serialisation) * kNanosecond;
		if (m_random.Unit() > link.loss)
			At(side + (static_cast<double>(link.latency) + m_random.Unit() * link.spread) * kNanosecond,
			   arrive);
	}

	void Start(uint32_t number)
	{
		m_devices[number].attempt = 0;
		m_devices[number].since = Now();
		Ask(number);
	}

	void Ask(uint32_t number)
	{
		Device &device = m_devices[number];
		Message message{number, device.transaction, device.attempt};

		Send(kPan, device.up, [this, message] { AtGateway(message); });
		device.timer = At(Now() + static_cast<double>(kFirstTimeout << device.attempt) * kNanosecond,
				  [this, number] { TimeOut(number); });
	}

	void GoOn(uint32_t number)
	{
		if (++m_devices[number].transaction < kTransactions)
			Start(number);
	}

	void TimeOut(uint32_t number)
	{
		Device &device = m_devices[number];

		if (device.attempt + 1u < kTries) {
			device.attempt++;
			m_tally.retransmissions++;
			Ask(number);
		} else {
			m_tally.failed++;
			GoOn(number);
		}
	}

	void AtGateway(Message message)
	{
		Send(kWan, GatewayOf(message).up, [this, message] { AtServer(message); });
	}

	void AtServer(Message message)
	{
		if (m_busy == kWorkers) {
			m_queue.push_back(message);
		} else {
			m_busy++;
			Serve(message);
		}
	}

	void Serve(Message message)
	{
		At(Now() + m_random.Exponential(m_service), [this, message] { Served(message); });
	}

	void Served(Message message)
	{
		Send(kWan, GatewayOf(message).down, [this, message] { BackAtGateway(message); });
		if (m_queue.empty()) {
			m_busy--;
		} else {
			Serve(m_queue.front());
			m_queue.pop_front();
		}
	}

	void BackAtGateway(Message message)
	{
		Send(kPan, m_devices[message.device].down, [this, message] { BackAtDevice(message); });
	}

	void BackAtDevice(Message message)
	{
		Device &device = m_devices[message.device];

		if (device.transaction != message.transaction)
			return;
		device.timer->remove();
		m_tally.Answered(std::llround((Now() - device.since) / kNanosecond));
		GoOn(message.device);
	}

	Gateway &GatewayOf(Message message)
	{
		return m_gateways[message.device / m_devices_per_gateway];
	}

	Tally m_tally;
	peer::Random m_random;
	std::vector<Device> m_devices;
	std::vector<Gateway> m_gateways;
	uint32_t m_devices_per_gateway;
	double m_service;
	std::deque<Message> m_queue;
	unsigned m_busy = 0;
};

int main(int argc, char **argv)
{
	peer::Arguments arguments(argc, argv, "star_simgrid GATEWAYS DEVICES SEED", 3);
	char quiet[] = "--log=root.thresh:error";
	char *options[] = {argv[0], quiet, nullptr};
	int n_options = 2;
	sg4::Engine engine(&n_options, options);
	auto *zone = sg4::create_full_zone("zone");
	auto *host = zone->create_host("host", 1e9)->seal();

	zone->seal();
	Star star(arguments.Number(1), arguments.Number(2), arguments.Number(3));
	/* Timers run while there is an actor. */
	sg4::Actor::create("keeper", host, [] { sg4::this_actor::sleep_for(1e6); });
	star.Run(engine);
	return 0;
}
