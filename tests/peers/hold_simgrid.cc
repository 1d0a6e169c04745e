/* Classic hold on SimGrid: hold_simgrid N EVENTS SEED timers|actors
 *
 * timers: the timers of its kernel, with a function each: the leanest event that SimGrid has.
 * actors: an actor that sleeps for each pending event: the way of its users, for some thousands of them. */
#include <memory>

#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include "peer.hh"

namespace sg4 = simgrid::s4u;
using simgrid::kernel::timer::Timer;

static std::unique_ptr<peer::Hold> hold;

/* An engine does not stop before its actors do, so the last event ends the program. */
static void Touch(uint32_t entity)
{
	if (hold->Touch(entity, sg4::Engine::get_clock)) {
		hold->Report();
		std::_Exit(0);
	}
}

static void Fire(uint32_t entity)
{
	Touch(entity);
	uint32_t next = hold->random.Below(hold->n);

	Timer::set(sg4::Engine::get_clock() + hold->random.Exponential(1), [next] { Fire(next); });
}

static void Sleep(uint32_t entity)
{
	for (;;) {
		sg4::this_actor::sleep_for(hold->random.Exponential(1));
		Touch(entity);
		entity = hold->random.Below(hold->n);
	}
}

int main(int argc, char **argv)
{
	peer::Arguments arguments(argc, argv, "hold_simgrid N EVENTS SEED timers|actors", 4);
	bool timers = arguments.Word(4) == "timers";
	char quiet[] = "--log=root.thresh:error", small_stacks[] = "--cfg=contexts/stack-size:16";
	char *options[] = {argv[0], quiet, small_stacks, nullptr};
	int n_options = 3;
	sg4::Engine engine(&n_options, options);
	auto *zone = sg4::create_full_zone("zone");
	auto *host = zone->create_host("host", 1e9)->seal();

	zone->seal();
	hold = std::make_unique<peer::Hold>(arguments.Number(1), arguments.Number(2), arguments.Number(3));
	for (uint32_t i = 0; i < hold->n; i++) {
		if (timers)
			Timer::set(hold->random.Exponential(1), [i] { Fire(i); });
		else
			sg4::Actor::create("entity", host, Sleep, i);
	}
	if (timers) /* they run while there is an actor */
		sg4::Actor::create("keeper", host, [] { sg4::this_actor::sleep_for(1e12); });
	engine.run();
	return 1;
}
