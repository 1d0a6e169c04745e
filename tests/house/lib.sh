# shellcheck shell=bash
# lib.sh: the frame of a check of the tree. A script sources it, defines `check` and `self_test`, and ends with
# `run "$@"`, its arguments being [--self-test] [ROOT]: either is called in ROOT, the tree that the script lies in unless
# another is named; self_test may write into the folder $scratch.
set -euo pipefail
export LC_ALL=C

run() {
	local mode=check
	[[ ${1-} != --self-test ]] || { mode=self_test; shift; }
	cd "${1:-$(dirname -- "$(readlink -f -- "$0")")/../..}"
	if [[ $mode == self_test ]]; then
		scratch=$(mktemp -d)
		trap 'rm -rf "$scratch"' EXIT
	fi
	$mode
}
