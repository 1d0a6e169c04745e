/* Classic hold on ns-3: hold_ns3 N EVENTS SEED SCHEDULER each|pooled
 *
 * each: every event is an object of its own, made by Simulator::Schedule from a function: the way of any model.
 * pooled: an entity's event object is scheduled again and again, which saves its allocation: the leanest event that
 * ns-3 has. */
#include <memory>

#include <ns3/core-module.h>

#include "peer.hh"

using namespace ns3;

static std::unique_ptr<peer::Hold> hold;

static Time Delay()
{
	return TimeStep(static_cast<uint64_t>(hold->random.Exponential(1e9)));
}

static bool Touch(uint32_t entity)
{
	return hold->Touch(entity, [] { return Simulator::Now().GetSeconds(); });
}

static void Fire(uint32_t entity)
{
	if (Touch(entity))
		Simulator::Stop();
	uint32_t next = hold->random.Below(hold->n);

	Simulator::Schedule(Delay(), &Fire, next);
}

class PooledEvent : public EventImpl
{
      public:
	explicit PooledEvent(uint32_t entity) : m_entity(entity)
	{
	}

      protected:
	void Notify() override
	{
		if (Touch(m_entity))
			Simulator::Stop();
		m_entity = hold->random.Below(hold->n);
		Simulator::Schedule(Delay(), Ptr<EventImpl>(this));
	}

      private:
	uint32_t m_entity;
};

int main(int argc, char **argv)
{
	peer::Arguments arguments(argc, argv, "hold_ns3 N EVENTS SEED SCHEDULER each|pooled", 5);
	bool pooled = arguments.Word(5) == "pooled";
	ObjectFactory scheduler;

	scheduler.SetTypeId("ns3::" + arguments.Word(4) + "Scheduler");
	Simulator::SetScheduler(scheduler);
	hold = std::make_unique<peer::Hold>(arguments.Number(1), arguments.Number(2), arguments.Number(3));
	for (uint32_t i = 0; i < hold->n; i++) {
		if (pooled)
			Simulator::Schedule(Delay(), Ptr<EventImpl>(new PooledEvent(i), false));
		else
			Simulator::Schedule(Delay(), &Fire, i);
	}
	Simulator::Run();
	hold->Report();
	return 0;
}
