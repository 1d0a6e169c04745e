/* The star on ns-3's events alone, without its nodes and packets: star_ns3 GATEWAYS DEVICES SEED SCHEDULER
 *
 * DEVICES is for each PN GW. Timers that come too late are let go: to cancel them would leave them in the set of
 * pending events all the same, and costs ns-3 more. */
#include <deque>
#include <vector>

#include <ns3/core-module.h>

#include "peer.hh"

using namespace ns3;
using namespace peer::star;

/* One side of a link: until when it sends. */
using Side = int64_t;

class Star
{
      public:
	Star(uint32_t gateways, uint32_t devices, uint64_t seed)
	    : m_random(seed), m_devices(gateways * devices), m_gateways(gateways), m_devices_per_gateway(devices),
	      m_service(Service(gateways * devices))
	{
		for (uint32_t i = 0; i < m_devices.size(); i++)
			Schedule(static_cast<int64_t>(m_random.Unit() * kStartWithin), &Star::Start, i);
	}

	void Run()
	{
		m_tally.Begin();
		Simulator::Run();
		m_tally.End();
		m_tally.events = Simulator::GetEventCount();
		m_tally.Report(static_cast<uint32_t>(m_devices.size()));
	}

      private:
	struct Device {
		Side up = 0, down = 0; /* of its PAN link; the PN GW's side is kept here, too */
		int64_t since = 0;     /* when the transaction was begun */
		uint16_t transaction = 0, attempt = 0;
	};

	struct Gateway {
		Side up = 0, down = 0; /* of its WAN link */
	};

	template <typename Argument> void Schedule(int64_t delay, void (Star::*function)(Argument), Argument argument)
	{
		Simulator::Schedule(TimeStep(delay), function, this, argument);
	}

	static int64_t Now()
	{
		return Simulator::Now().GetTimeStep();
	}

	void Send(const Link &link, Side &side, void (Star::*arrive)(Message), Message message)
	{
		int64_t now = Now();

		side = std::max(side, now) + link.serialisation;
		if (m_random.Unit() > link.loss)
			Schedule(side - now + link.latency + m_random.Below(link.spread), arrive, message);
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

		Send(kPan, device.up, &Star::AtGateway, message);
		Schedule(kFirstTimeout << device.attempt, &Star::TimeOut, message);
	}

	void GoOn(uint32_t number)
	{
		if (++m_devices[number].transaction < kTransactions)
			Start(number);
	}

	void TimeOut(Message message)
	{
		Device &device = m_devices[message.device];

		if (device.transaction != message.transaction || device.attempt != message.attempt)
			return;
		if (device.attempt + 1u < kTries) {
			device.attempt++;
			m_tally.retransmissions++;
			Ask(message.device);
		} else {
			m_tally.failed++;
			GoOn(message.device);
		}
	}

	void AtGateway(Message message)
	{
		Send(kWan, GatewayOf(message).up, &Star::AtServer, message);
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
		Schedule(static_cast<int64_t>(m_random.Exponential(m_service)), &Star::Served, message);
	}

	void Served(Message message)
	{
		Send(kWan, GatewayOf(message).down, &Star::BackAtGateway, message);
		if (m_queue.empty()) {
			m_busy--;
		} else {
			Serve(m_queue.front());
			m_queue.pop_front();
		}
	}

	void BackAtGateway(Message message)
	{
		Send(kPan, m_devices[message.device].down, &Star::BackAtDevice, message);
	}

	void BackAtDevice(Message message)
	{
		Device &device = m_devices[message.device];

		if (device.transaction != message.transaction)
			return;
		m_tally.Answered(Now() - device.since);
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
	peer::Arguments arguments(argc, argv, "star_ns3 GATEWAYS DEVICES SEED SCHEDULER", 4);
	ObjectFactory scheduler;

	scheduler.SetTypeId("ns3::" + arguments.Word(4) + "Scheduler");
	Simulator::SetScheduler(scheduler);
	Star star(arguments.Number(1), arguments.Number(2), arguments.Number(3));
	star.Run();
	return 0;
}
