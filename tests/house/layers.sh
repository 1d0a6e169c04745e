#!/bin/bash
# layers.sh [ROOT]: who may include whom, and what may be used where. Prints `file:line: reason` for each violation.
# layers.sh --self-test [ROOT]: plants each kind of violation in a copy of the tree and checks that it is noticed.
#
# The rules are the three tables below; a new exception belongs there, with its reason.
# shellcheck source=tests/house/lib.sh
. "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"

# folder, what of ours its files may include. A folder that is missing here is a violation.
export DIRECTIONS='
sim/kernel         ^sim/kernel/
sim/csv            ^sim/csv/
sim/study          ^sim/(study|kernel|csv)/
models/protocol    ^models/protocol/
models/crypto      ^models/crypto/|^models/protocol/env\.h$|^sim/csv/|^sim/kernel/vtime\.h$
models/network     ^models/network/|^sim/(kernel|csv)/
models/store       ^models/store/|^models/protocol/(store|env)\.h$|^sim/kernel/
models/keystore    ^models/keystore/|^models/protocol/env\.h$|^sim/kernel/stream\.h$
models/nodes       ^models/(nodes|protocol|network|store)/|^models/crypto/cost\.h$|^sim/kernel/
models/energy      ^models/(energy|nodes)/|^models/(network/preset|crypto/cost)\.h$|^sim/csv/|^sim/study/param\.h$
models/deployment  ^models/(deployment|energy|nodes|protocol|network|store|crypto)/|^sim/study/(param|model|record|sequence|columns)\.h$|^sim/(kernel|csv)/
models/oracle      ^models/(oracle|protocol|store)/|^sim/study/(queueing|stats|paired|sequential)\.h$|^sim/kernel/
models/bench       ^models/(bench|deployment|protocol|store|crypto)/|^sim/study/scenario\.h$|^sim/kernel/
models/cli         ^models/(bench|cli|deployment|oracle|crypto|store|keystore)/|^sim/study/
tests              ^(sim|models|tests)/
'

# kind (include: a system header; word: an identifier; call: a name before a parenthesis), what, where it is banned,
# except where (- for nowhere), why
export BANS='
include ^(glib|gio|gmodule|openssl|json-glib|gsl|csv\.h|Random123) ^models/protocol/ - the protocol knows libc alone
include ^(time|unistd|fcntl|signal|pthread|math|poll)\.h|^sys/ ^models/protocol/ - the protocol does no I/O
include ^openssl/ ^ ^models/crypto/|^tests/ cryptography is models/crypto
include ^gsl/ ^ ^sim/study/|^tests/ GSL serves statistics
include ^(tg)?math\.h$|^complex\.h$ ^(sim/(kernel|csv)|models/(protocol|crypto|network|store|nodes|energy|deployment|oracle))/ - libm picks its code by processor: portable_math.h
call (sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|exp|exp2|expm1|log|log2|log10|log1p|pow|sqrt|cbrt|hypot|fmod|remainder|floor|ceil|round|trunc|rint|nearbyint|lround|llround|lrint|llrint|fabs|fmin|fmax|fma|tgamma|lgamma|erf|erfc|ldexp|frexp|modf)[fl]? ^(sim/(kernel|csv)|models/(protocol|crypto|network|store|nodes|energy|deployment|oracle))/ - libm picks its code by processor: portable_math.h
call time|clock|ftime ^ ^models/crypto/openssl\.c$|^sim/study/wall\.c$|^models/keystore/load\.c$|^models/cli/(bench|calibrate[a-z_]*)\.c$|^tests/.*bench a clock: durations are charged, never measured
word clock_gettime|gettimeofday|timespec_get|g_get_monotonic_time|g_get_real_time|g_get_current_time|GTimer|g_timer_[a-z_]+|g_date_time_new_now[a-z_]*|_*rdtscp?|__builtin_ia32_rdtscp? ^ ^models/crypto/openssl\.c$|^sim/study/wall\.c$|^models/keystore/load\.c$|^models/cli/(bench|calibrate[a-z_]*)\.c$|^tests/.*bench a clock: durations are charged, never measured
call rand|rand_r|srand|random|srandom|random_r|[dejlmn]rand48(_r)?|srand48|rdrand ^ - randomness has a name: sim/kernel/stream.h
word g_random_[a-z0-9_]+|g_rand_[a-z0-9_]+|GRand|RAND_[a-z_]+|getrandom|getentropy|arc4random[a-z_]*|g_uuid_string_random|gsl_rng_[a-z0-9_]+|gsl_ran_(ugaussian|gaussian|exponential|flat|lognormal|pareto|shuffle|choose|sample) ^ - randomness has a name: sim/kernel/stream.h
include ^sys/(socket|un)\.h$|^netinet/|^arpa/|^netdb\.h$|^gio/gnetworking\.h$|^sys/epoll\.h$ ^ - no sockets
word GSocket[A-Za-z]*|g_socket_[a-z_]+|getaddrinfo|gethostbyname|socketpair ^ - no sockets
call socket ^ - no sockets
include ^pthread\.h$|^threads\.h$ ^ ^sim/study/(campaign|progress)[^/]*$|^models/crypto/openssl\.c$|^models/keystore/(load|memory)\.c$|^tests/ one run, one thread: threads are the campaign
word pthread_[a-z_]+|thrd_[a-z_]+|mtx_[a-z_]+|GThread[A-Za-z]*|g_thread_[a-z_]+|GMutex|g_mutex_[a-z_]+|GRecMutex|GRWLock|g_rw_lock_[a-z_]+|GCond|g_cond_[a-z_]+ ^ ^sim/study/(campaign|progress)[^/]*$|^models/crypto/openssl\.c$|^models/keystore/(load|memory)\.c$|^tests/ one run, one thread: threads are the campaign
'

# The top level, besides dotfiles.
top_level='LICENSE README.md meson.build models results scripts sim tests topologies'

# Names that a header of ours must not have, since a system header has it.
export TAKEN='^(assert|complex|ctype|errno|fcntl|fenv|inttypes|limits|link|locale|math|poll|random|sched|search|signal|stdio|stdlib|string|strings|threads|time|unistd|wait)\.h$'

check_sources() {
	# shellcheck disable=SC2016 # awk's
	find sim models tests -name '*.[ch]' -print0 | sort -z | xargs -0 -r awk '
	function complain(reason) { printf "%s:%d: %s\n", FILENAME, FNR, reason }

	# The line without comments, and strings emptied.
	function code_of(line,    out, token) {
		out = ""
		for (;;) {
			if (in_comment) {
				if (!index(line, "*/")) return out
				line = substr(line, index(line, "*/") + 2)
				in_comment = 0
				out = out " "
			}
			if (!match(line, /\/\*|\/\/|"|\047/)) return out line
			token = substr(line, RSTART, RLENGTH)
			out = out substr(line, 1, RSTART - 1)
			line = substr(line, RSTART + RLENGTH)
			if (token == "/*") { in_comment = 1; continue }
			if (token == "//") return out
			out = out "\"\""
			if (!match(line, token == "\"" ? "^([^\"\\\\]|\\\\.)*\"" : "^([^\047\\\\]|\\\\.)*\047")) return out
			line = substr(line, RLENGTH + 1)
		}
	}

	function check_include(raw,    ours, name) {
		if (!match(raw, /["<][^">]*[">]/)) return
		name = substr(raw, RSTART + 1, RLENGTH - 2)
		ours = substr(raw, RSTART, 1) == "\""
		if (name ~ /\.\./) { complain("\"..\" in an include"); return }
		if (ours && name !~ /^(sim|models|tests)\//) { complain("include " name " by its path from the root"); return }
		if (!ours && name ~ /^(sim|models|tests)\//) { complain("include our own headers in quotes"); return }
		if (ours) {
			if (may_include != "" && name !~ may_include) complain(folder " must not include " name)
			return
		}
		for (i = 1; i <= active; i++)
			if (kind[rule[i]] == "include" && name ~ what[rule[i]]) complain("<" name ">: " why[rule[i]])
	}

	BEGIN {
		n = split(ENVIRON["DIRECTIONS"], lines, "\n")
		for (i = 1; i <= n; i++) if (split(lines[i], part, " ") == 2) direction[part[1]] = part[2]
		n = split(ENVIRON["BANS"], lines, "\n")
		for (i = 1; i <= n; i++) {
			if (split(lines[i], part, " ") < 5) continue
			bans++
			kind[bans] = part[1]; where[bans] = part[3]; except[bans] = part[4]
			what[bans] = part[2]
			if (part[1] == "word") what[bans] = "[^A-Za-z0-9_](" part[2] ")[^A-Za-z0-9_]"
			# A member of that name is no call of libc.
			if (part[1] == "call") what[bans] = "[^A-Za-z0-9_.>](" part[2] ")[ \t]*\\("
			why[bans] = lines[i]
			for (p = 1; p <= 4; p++) sub(/^ *[^ ]+ +/, "", why[bans])
		}
	}

	FNR == 1 {
		in_comment = 0; guard_line = 0; guard_seen = 0
		folder = FILENAME
		if (folder ~ /^tests\//) folder = "tests"
		else { sub(/^[^\/]+\/[^\/]+\/?/, "", folder); folder = substr(FILENAME, 1, length(FILENAME) - length(folder)); sub(/\/$/, "", folder) }
		may_include = direction[folder]
		if (!(folder in direction) || may_include == "") { may_include = ""; complain("layers.sh knows no folder " folder) }
		active = 0
		for (i = 1; i <= bans; i++)
			if (FILENAME ~ where[i] && (except[i] == "-" || FILENAME !~ except[i])) rule[++active] = i
		is_header = FILENAME ~ /\.h$/
		guard = toupper(FILENAME); sub(/^MODELS\//, "CPNS/", guard); gsub(/[^A-Z0-9]/, "_", guard)
		base = FILENAME; sub(/.*\//, "", base)
		if (is_header && base ~ ENVIRON["TAKEN"]) complain("a system header has this name")
	}

	{
		was_comment = in_comment
		code = " " code_of($0) " "
		if (code ~ /^ *$/) next
		if (is_header && !guard_seen) {
			guard_seen = 1
			if (code !~ "^ #ifndef " guard " *$") complain("a header begins with its guard: #ifndef " guard)
			else guard_line = FNR
		} else if (guard_line && !guard_defined[FILENAME]) {
			guard_defined[FILENAME] = 1
			if (code !~ "^ #define " guard " *$") complain("a header begins with its guard: #define " guard)
		}
		if (code ~ /^ #[ \t]*include/) { if (!was_comment) check_include($0); next }
		for (i = 1; i <= active; i++)
			if (kind[rule[i]] != "include" && match(code, what[rule[i]])) {
				found = substr(code, RSTART + 1, RLENGTH - 2)
				sub(/[ \t]+$/, "", found)
				complain(found ": " why[rule[i]])
			}
	}'
}

# In every text, comments included. Scripts and tests may name temporary folders.
check_texts() {
	local texts=(README.md meson.build sim models topologies results scripts tests .ci)
	grep -rnIE '(TODO|FIXME)' --include='*' -- "${texts[@]}" 2>/dev/null |
		grep -v '^tests/house/layers\.sh:' | grep -vE '(TODO|FIXME): [^ ]+ [^ ]+ [^ ]+' |
		sed -E 's/^([^:]*:[0-9]+):.*/\1: TODO or FIXME without an explanation/' || true
	grep -rnIE '(^|[^A-Za-z0-9_.-])/(home|tmp|root|Users)/' \
		-- README.md meson.build sim models topologies results .ci 2>/dev/null |
		sed -E 's/^([^:]*:[0-9]+):.*/\1: a path of one machine/' || true
}

check_top_level() {
	local names name
	if [[ -e .git ]] && command -v git >/dev/null && names=$(git -c safe.directory='*' ls-files 2>/dev/null); then
		names=$(cut -d / -f 1 <<<"$names" | sort -u)
	else
		names=$(find . -mindepth 1 -maxdepth 1 ! -name build -printf '%f\n')
	fi
	for name in $names; do
		[[ $name == .* || " $top_level " == *" $name "* ]] || echo "$name:1: does not belong at the top level"
	done
	for name in $top_level; do
		[[ $name == LICENSE || -e $name ]] || echo "$name:1: is missing at the top level"
	done
}

check() {
	local violations
	violations=$(check_top_level; check_sources; check_texts)
	[[ -z $violations ]] && return
	printf '%s\n' "$violations"
	return 1
}

# plant FILE EXPECTED TEXT: adds a file with this one line (a header also gets its guard), which must be noticed for a
# reason that contains EXPECTED, or, when that is -, must not be noticed.
plant() {
	local guard line=1
	mkdir -p "$(dirname "$1")"
	if [[ $1 == *.h && $3 != '#'[ip][fr]* ]]; then
		guard=$(tr 'a-z/.-' 'A-Z___' <<<"${1/#models/cpns}")
		printf '#ifndef %s\n#define %s\n%s\n#endif\n' "$guard" "$guard" "$3" >"$1"
		line=3
	else
		printf '%s\n' "$3" >"$1"
	fi
	[[ $2 == - ]] && unwanted+=("$1:") && return
	wanted+=("$1:$line: $2")
}

self_test() {
	local wanted=() unwanted=() output expected found wrong=0 name
	for name in sim models tests; do cp -R "$name" "$scratch/"; done
	cd "$scratch"
	mkdir -p topologies results scripts
	touch meson.build README.md surplus
	wanted+=('surplus:1: does not belong')

	plant sim/kernel/zz1.c 'sim/kernel must not include sim/study/' '#include "sim/study/param.h"'
	plant sim/kernel/zz2.c 'sim/kernel must not include models/' '#include "models/protocol/env.h"'
	plant sim/study/zz1.c 'sim/study must not include models/' '#include "models/network/hop.h"'
	plant models/protocol/zz1.c 'models/protocol must not include sim/' '#include "sim/kernel/vtime.h"'
	plant models/protocol/zz2.c '<glib.h>: the protocol' '#include <glib.h>'
	plant models/protocol/zz3.c '<openssl/evp.h>: the protocol' '#include <openssl/evp.h>'
	plant models/protocol/zz4.c '<unistd.h>: the protocol' '#include <unistd.h>'
	plant models/crypto/zz1.c 'models/crypto must not include models/protocol/' '#include "models/protocol/msg.h"'
	plant models/crypto/zz2.c - '#include <openssl/evp.h>'
	plant models/network/zz1.c 'models/network must not' '#include "models/protocol/msg.h"'
	plant models/nodes/zz1.c 'models/nodes must not include models/crypto/' '#include "models/crypto/crypto.h"'
	plant models/nodes/zz2.c 'models/nodes must not include sim/study/' '#include "sim/study/param.h"'
	plant models/nodes/zz3.c - '#include "models/crypto/cost.h"'
	plant models/deployment/zz1.c 'models/deployment must not' '#include "sim/study/campaign.h"'
	plant models/deployment/zz2.c - '#include "sim/study/model.h"'
	plant models/bench/zz1.c 'models/bench must not include models/cli/' '#include "models/cli/cli.h"'
	plant models/bench/zz2.c 'clock_gettime: a clock' 'int t = clock_gettime(0, p);'
	plant models/cli/zz1.c 'models/cli must not' '#include "models/protocol/pne.h"'
	plant models/attic/zz1.c 'layers.sh knows no folder models/attic' 'int attic;'
	plant sim/study/zz2.c '<openssl/sha.h>' '#include <openssl/sha.h>'
	plant models/network/zz2.c '<gsl/gsl_math.h>' '#include <gsl/gsl_math.h>'
	plant sim/kernel/zz3.c '<math.h>' '#include <math.h>'
	plant models/nodes/zz4.c 'log: libm' 'double f(double x) { return log(x); }'
	plant models/nodes/zz5.c - '/* log(x) */ const char *s = "pow(2, x) // \" time(0)"; int catalog(int); // rand()'
	plant models/nodes/zz6.c - 'int n = io->exp(1) + io.time(2) + g_log_f (3);'
	plant sim/study/zz3.c 'time: a clock' 'long t = time(NULL);'
	plant sim/study/zz4.c 'clock_gettime: a clock' 'int t = clock_gettime(0, p);'
	plant models/cli/zz2.c 'g_get_monotonic_time: a clock' 'long t = g_get_monotonic_time();'
	plant sim/study/wall.c - 'long t = g_get_real_time();'
	plant sim/study/zz5.c 'g_timer_new: a clock' 'void *t = g_timer_new();'
	plant sim/kernel/zz4.c '__rdtsc: a clock' 'long t = __rdtsc();'
	plant tests/kernel/zz_bench.c - 'long t = g_get_monotonic_time();'
	plant tests/kernel/zz1.c 'rand: randomness' 'int r = rand();'
	plant sim/study/zz6.c 'drand48: randomness' 'double r = drand48 ();'
	plant models/crypto/openssl.c 'RAND_bytes: randomness' 'int r = RAND_bytes(b, 1);'
	plant models/network/zz3.c 'g_random_int: randomness' 'int r = g_random_int();'
	plant models/cli/zz3.c 'getrandom: randomness' 'int r = getrandom(b, 1, 0);'
	plant models/cli/zz4.c '<sys/socket.h>: no sockets' '#include <sys/socket.h>'
	plant tests/study/zz1.c 'socket: no sockets' 'int s = socket(1, 2, 3);'
	plant models/cli/zz5.c 'g_socket_new: no sockets' 'void *s = g_socket_new();'
	plant sim/kernel/zz5.c '<pthread.h>: one run' '#include <pthread.h>'
	plant sim/study/zz7.c 'GThreadPool: one run' 'GThreadPool *p;'
	plant models/deployment/zz3.c 'g_mutex_lock: one run' 'void f(void) { g_mutex_lock(m); }'
	plant sim/study/campaign_zz.c - 'void f(void) { g_mutex_lock(m); g_cond_signal(c); }'
	plant sim/kernel/zz6.c '".." in an include' '#include "../study/param.h"'
	plant sim/kernel/zz7.c 'include engine.h by its path from the root' '#include "engine.h"'
	plant sim/kernel/zz8.c 'include our own headers in quotes' '#include <sim/kernel/engine.h>'
	plant sim/kernel/zz1.h 'a header begins with its guard' '#ifndef ZZ1_H'
	plant sim/kernel/zz2.h 'a header begins with its guard' '#pragma once'
	plant models/network/zz1.h - 'int zz;'
	plant models/network/time.h 'a system header has this name' 'int zz;'
	wanted[-1]='models/network/time.h:1: a system header'
	plant models/cli/zz6.c 'a path of one machine' 'const char *p = "/home/someone/x";'
	plant topologies/zz1.ini 'a path of one machine' 'topology = /tmp/x.csv'
	plant tests/study/zz2.c - 'const char *p = "/tmp/x";'
	plant sim/study/zz8.c 'TODO or FIXME without' '/* TODO */'
	plant scripts/zz1 'TODO or FIXME without' '# FIXME: later'
	plant sim/study/zz9.c - '/* TODO: intervals want the t of one degree less */'

	output=$(check) || true
	for expected in "${wanted[@]}"; do
		found=0
		[[ $'\n'$output == *$'\n'"$expected"* ]] && found=1
		[[ $found -eq 1 ]] || { echo "not noticed: $expected"; wrong=1; }
	done
	for expected in "${unwanted[@]}"; do
		[[ $'\n'$output != *$'\n'"$expected"* ]] || { echo "noticed for nothing: $expected"; wrong=1; }
	done
	[[ $wrong -eq 0 ]] || printf 'what was said:\n%s\n' "$output"
	return $wrong
}

run "$@"
