#!/bin/bash
# store.sh CPNS-SIM: the key store as a resource: latencies worked out by hand, models told apart by what they do to the
# same load, what gives up, and figures that are refused.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

# A request of 6.3.3 reads two rows (entity, user) and writes one; nothing but the store takes time.
cat >store.ini <<'EOF'
[General]
study = terminating
repeat = 2
topology = generated
gateways = 3
flow = gateway
wan.profile = ideal
protocol.mutual-authentication = done
protocol.digest = single-round
protocol.timeout = 1000s
crypto.mode = counted
crypto.gateway = free
crypto.server = free
server.workers = 8

[Config Hand]
workload.arrivals = trace(arrivals.csv)
store.model = lock
store.read = 1ms
store.write = 4ms
store.flush = 3ms

[Config Octets]
extends = Hand
store.write-octet = 1us

[Config Free]
workload.arrivals = trace(arrivals.csv)
store.model = free

[Config Load]
gateways = 2000
workload.arrivals = storm(10s)
store.model = lock
store.write = exponential(4ms)
store.flush = 500us

[Config Closed]
study = steady-state
sim-time-limit = 4s
warmup = 1s
gateways = 4
workload.arrivals = closed(1us)
store.model = curve
store.curve = curve.csv
EOF
printf 'time,device\n0s,gw:00000\n1ms,gw:00001\n2ms,gw:00002\n' >arrivals.csv
printf 'machine,throughput,concurrency\n"here, today",100,1\nhere,500,4\nhere,250,16\n' >curve.csv

# By hand: 2 x 1 + 4 + 3 = 9 ms each, one after the other: 9, 18 - 1, 27 - 2.
study hand store.ini -c Hand
equal 'the first one' "$(value hand 0 all all assignment.latency min)" 0.009
equal 'the last one' "$(value hand 0 all all assignment.latency max)" 0.025
equal 'all of them' "$(value hand 0 all all assignment.latency mean)" '(0.009 + 0.017 + 0.025) / 3'
equal 'waits' "$(value hand 0 all all store.wait mean)" '(0 + 0.008 + 0.016) / 3'
equal 'holds' "$(value hand 0 all all store.hold mean)" 0.009
equal 'found it held' "$(value hand 0 all all store.busy total)" 2
equal 'share of those' "$(value hand 0 all all store.busy-share mean)" '2 / 3'
equal 'flushes' "$(value hand 0 all all store.flushes total)" 3
equal 'held all the time' "$(value hand 0 all all store.utilisation mean)" 1
equal 'queue' "$(value hand 0 all all store.queue mean)" '(8 + 16) / 27'
equal 'longest queue' "$(value hand 0 all all store.queue max)" 2
equal 'workers wait with it' "$(value hand 0 all all server.service max)" 0.025
equal 'no worker was missing' "$(value hand 0 all all server.stalled max)" 0
equal 'nobody gave up' "$(value hand 0 all all store.timeouts total)" 0
study octets store.ini -c Octets
equal 'a key has 32 octets' "$(value octets 0 all all store.hold mean)" 0.009032

# With one worker the same takes as long, but messages wait for the worker, who waits for the store.
study one store.ini -c Hand --set server.workers=1
equal 'the last one, by one worker' "$(value one 0 all all assignment.latency max)" 0.025
equal 'nobody waits in the store' "$(value one 0 all all store.wait max)" 0
equal 'the worker does' "$(value one 0 all all server.wait max)" 0.016
equal 'who is stalled while messages wait' "$(value one 0 all all server.stalled mean)" '(8 + 9) / 27'

study free store.ini -c Free
equal 'free takes no time' "$(value free 0 all all assignment.latency max)" 0
same 'free has no rows of a store' "$(grep -c ',store\.' free/runs.csv)" 0

# The same load on each model. 200 a second, 4.5 ms each: 90 % for one lock.
for model in lock sharded polling mvcc group-commit; do
	study "$model" store.ini -c Load --set "store.model=$model"
	equal "$model: every request is served" "$(value "$model" 0 all all assignment.completed total)" 2000
	holds "$model: each at least once" "$(value "$model" 0 all all store.wait count) >= 2000"
done
mean() { value "$1" 0 all all store.wait mean; }
holds 'two flushes cost more than one' "$(mean mvcc) > $(mean lock)"
holds 'polling wastes the lock' "$(mean polling) > 1.3 * $(mean lock)"
near 'a shard is a lock: one is like none' "$(mean sharded)" "$(mean lock)" 0
study shards store.ini -c Load --set store.model=sharded --set store.shards=4 --set store.skew=1
holds 'four are better' "$(mean shards) < $(mean lock) / 2"
sum=0
for k in 0 1 2 3; do
	visits=$(value shards 0 "store.shard[$k]" all store.wait count)
	sum="$sum + $visits"
done
equal 'shards add up' "$sum" 2000
binomial 'the hottest of four with skew 1' "$(value shards 0 'store.shard[0]' all store.wait count)" 2000 12/25
near 'skew' "$(value shards 0 all all store.shard-skew mean)" '4 * 12 / 25' 0.2
near 'a lock that is 90 % held' "$(value lock 0 all all store.utilisation mean)" 0.9 0.06
study grouped store.ini -c Load --set store.model=group-commit --set store.write=1ms --set store.flush=20ms
holds 'a group shares its flush' "$(value grouped 0 all all store.flushes total) < 2000 / 3"
near 'groups add up' "$(value grouped 0 all all store.batch mean) * $(value grouped 0 all all store.batch count)" 2000 1e-6
# All at once: the first leads alone, and all others are one group: 2 flushes, 1000 writes. Many more, and only those count.
study saturated store.ini -c Load --set gateways=1000 --set 'workload.arrivals=storm(0s)' --set server.workers=1000 \
	--set store.model=group-commit --set store.write=1ms --set store.flush=4ms
equal 'the last of a thousand' "$(value saturated 0 all all assignment.latency max)" '2 * 0.004 + 1000 * 0.001'
near 'saturates at 1 / write' "$(value saturated 0 all all assignment.throughput mean)" 1000 10
study delayed store.ini -c Load --set store.model=group-commit --set store.write=1ms --set store.flush=20ms \
	--set store.batch-delay=20ms
holds 'a delay makes groups larger' "$(value delayed 0 all all store.batch mean) > $(value grouped 0 all all store.batch mean)"

# Who gives up is not answered; who asks again is, for the key is there.
study tired store.ini -c Load --set store.model=polling --set store.timeout=50ms --set protocol.retries=0
holds 'some give up' "$(value tired 0 all all store.timeouts total) > 50"
equal 'and fail' "$(value tired 0 all all assignment.failed total)" "$(value tired 0 all all store.timeouts total)"
study again store.ini -c Load --set store.model=polling --set store.timeout=50ms --set protocol.timeout=2s
holds 'some give up once' "$(value again 0 all all store.timeouts total) > 50"
equal 'and get their key later' "$(value again 0 all all assignment.completed total)" 2000

# Four clients that come back at once see what was measured with four.
study curve store.ini -c Closed
near 'the measured rate' "$(value curve 0 all all assignment.throughput mean)" 500 5
study less store.ini -c Closed --set gateways=10 --set server.workers=10
near 'on the line between two points' "$(value less 0 all all assignment.throughput mean)" 375 5
study few store.ini -c Closed --set gateways=10 --set server.workers=4
near 'no more than there are workers' "$(value few 0 all all assignment.throughput mean)" 500 5

# A run cut short keeps its accounts; cryptography and threads change nothing.
for model in lock sharded polling mvcc group-commit; do
	study "cut-$model" store.ini -c Load --set "store.model=$model" --set sim-time-limit=1s -j 1
	study "real-$model" store.ini -c Load --set "store.model=$model" --set sim-time-limit=1s --set crypto.mode=real -j 2
	if cmp -s "cut-$model/runs.csv" "real-$model/runs.csv"; then ok "$model: the same rows"; else fail "$model: the same rows"; fi
done

# What is refused.
sed '/store.model = lock/s/lock/free/' store.ini >bad.ini
refused 'figures of a free store' 'bad\.ini:[0-9]+: store\.(read|write|flush).*store\.model' bad.ini -c Hand
refused 'shards of one lock' '--set store\.shards' store.ini -c Hand --set store.shards=4
refused 'a timeout of a lock' '--set store\.timeout' store.ini -c Hand --set store.timeout=4s
refused 'no shards' 'store\.shards' store.ini -c Load --set store.model=sharded --set store.shards=0
refused 'a model by another name' 'locked.*lock' store.ini -c Load --set store.model=locked
sed '/store.curve/d' store.ini >bad.ini
refused 'a curve without its file' 'store\.curve' bad.ini -c Closed
refused 'a curve in no file' 'nowhere\.csv.*concurrency' store.ini -c Closed --set store.curve=nowhere.csv
# curve NAME PATTERN TEXT
curve() {
	printf '%b' "$3" >bad.csv
	refused "curve: $1" "bad\\.csv$2" store.ini -c Closed --set store.curve=bad.csv
}
curve 'empty' ':1: is empty.*concurrency,throughput' ''
curve 'no rows' ':1: .*has no rows' 'concurrency,throughput\n'
curve 'a column is missing' ':1: .*throughput.*missing' 'concurrency,rate\n1,5\n'
curve 'not a number' ':3: .*throughput.*`fast`' 'concurrency,throughput\n1,5\n2,fast\n'
curve 'nothing at once' ':2: .*concurrency.*`0`' 'concurrency,throughput\n0,5\n'
curve 'no rate' ':2: .*throughput.*`-5`' 'concurrency,throughput\n1,-5\n'
curve 'half a client' ':2: .*concurrency.*whole' 'concurrency,throughput\n1.5,5\n'
curve 'out of order' ':3: .*1 does not follow 2' 'concurrency,throughput\n2,5\n1,5\n'
curve 'not a number at all' ':2: .*throughput' 'concurrency,throughput\n1,nan\n'

finish
