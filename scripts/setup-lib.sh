# shellcheck shell=bash
# What run, test and nightly share: packages, configuring, building. To be sourced from a script beside it.
# Everything here speaks on standard error and reads nothing: standard output and input belong to the caller's work.

# shellcheck disable=SC2034 # read by those who source this
packages_to_build='gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev libssl-dev libcsv-dev libgsl-dev
	librandom123-dev libjson-glib-dev libcunit1-dev libsqlite3-dev libsqlcipher-dev liblmdb-dev gnuplot-nox'
# shellcheck disable=SC2034
packages_to_test='chromium' # opens the reports

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")

die() {
	printf 'scripts/%s: %s\n' "${0##*/}" "$1" >&2
	exit 1
}

# quietly COMMAND...: its output is shown only when it fails.
quietly() {
	local output
	output=$("$@" 2>&1 </dev/null) && return
	printf '%s\n' "$output" >&2
	return 1
}

# install_missing PACKAGE...: silent, and without the network, when all are there.
install_missing() {
	local installed package missing=() as_root=()
	command -v dpkg-query >/dev/null || return 0 # not a Debian: configuring says what it cannot find
	# dpkg-query fails for each name that it has never heard of.
	installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null) || true
	for package; do
		grep -qx "installed $package" <<<"$installed" || missing+=("$package")
	done
	[[ ${#missing[@]} -eq 0 ]] && return

	if [[ $(id -u) -ne 0 ]]; then
		command -v sudo >/dev/null ||
			die "missing packages, and neither root nor sudo to install them. By hand, as root: apt-get install -y --no-install-recommends ${missing[*]}"
		as_root=(sudo)
	fi
	as_root+=(env DEBIAN_FRONTEND=noninteractive)
	echo "installing ${missing[*]}" >&2
	# A mirror that is away for a moment need not matter: the verdict is the installation's.
	quietly "${as_root[@]}" apt-get -q update || true
	quietly "${as_root[@]}" apt-get -qy -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" ||
		die "could not install packages. By hand, as root: apt-get install -y --no-install-recommends ${missing[*]}"
}

# The first line that configure noted for build/NAME: the root it belongs to.
configured_for() {
	head -n 1 "$root/build/$1/configured" 2>/dev/null || true
}

# configure NAME OPTION...: build/NAME has these options afterwards. A build that was copied here from elsewhere would
# go on compiling the other place's files, and one that was interrupted has no build.ninja: both start anew.
configure() {
	local dir="$root/build/$1" again=() want
	shift
	want=$(printf '%s\n' "$root" "$*")
	if [[ -f $dir/build.ninja ]]; then
		[[ $(cat "$dir/configured" 2>/dev/null) == "$want" ]] && return
		[[ $(configured_for "${dir##*/}") == "$root" ]] && again=(--reconfigure)
	fi
	[[ ${#again[@]} -gt 0 ]] || rm -rf "$dir"
	echo "configuring build/${dir##*/}" >&2
	quietly meson setup "${again[@]}" "$dir" "$root" "$@" || return
	printf '%s\n' "$want" >"$dir/configured"
}

# build NAME [TARGET...]
build() {
	local name=$1
	shift
	quietly ninja -C "$root/build/$name" "$@"
}

# release [TARGET...]: build/release is up to date, in all or in these
release() {
	locked configure release --buildtype=release -Dwerror=false && locked build release "$@"
}

# last_core: the last processor that may be used, to measure on: the first one is where interrupts go.
last_core() { taskset -cp $$ | sed 's/.*[ ,-]//'; }

# locked COMMAND...: one at a time in this tree. In a subshell, so that nothing holds the lock longer than the command.
locked() {
	mkdir -p "$root/build"
	(
		flock 9
		"$@" 9>&-
	) 9>"$root/build/lock"
}
