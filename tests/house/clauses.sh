#!/bin/bash
# clauses.sh [ROOT]: is each file there that README's table "Clauses, files, tests" names, and does it hold the function
# that stands beside it? Prints a line for each that is not.
# clauses.sh --self-test [ROOT]: spoils copies of the table and checks that it is noticed.
# shellcheck source=tests/house/lib.sh
. "$(dirname -- "$(readlink -f -- "$0")")/lib.sh"
heading='## Clauses, files, tests'

# Each cell of the table on a line, as far as it names something: CLAUSE, a tab, NAME...
cells() {
	awk -v heading="$heading" -F'|' '
	/^## / { inside = $0 == heading; next }
	!inside || !/^\|/ || /^\|(---|\|)*$/ || $2 ~ /^ *clause *$/ { next }
	{
		clause = $2
		gsub(/^ +| +$/, "", clause)
		for (i = 3; i < NF; i++) {
			names = ""
			while (match($i, /`[^`]*`/)) {
				names = names " " substr($i, RSTART + 1, RLENGTH - 2)
				$i = substr($i, RSTART + RLENGTH)
			}
			if (names != "") print clause "\t" names
		}
	}' README.md
}

# find_file NAME FOLDER: sets `files`: those that are meant, FOLDER having that of the file before.
find_file() {
	local folder folders=("$2" models/protocol tests/protocol)
	[[ $1 != */* ]] || folders=(.)
	for folder in "${folders[@]}"; do
		mapfile -t files < <(compgen -G "$folder/$1" || true)
		[[ ${#files[@]} -eq 0 ]] || return 0
	done
	return 1
}

check() {
	local clause names name files=() folder seen=0 wrong=0
	while IFS=$'\t' read -r clause names; do
		folder=models/protocol files=()
		for name in $names; do
			seen=$((seen + 1))
			if [[ $name =~ \.(c|h|sh)$ ]]; then
				find_file "$name" "$folder" && folder=$(dirname -- "${files[0]}") && continue
				echo "README.md: $clause: there is no file $name"
				wrong=1
			elif [[ ${#files[@]} -gt 0 ]] && ! grep -qE "^[a-z].*\b$name\(([^;]|$)*$" "${files[@]}"; then
				echo "README.md: $clause: ${files[*]} does not hold $name"
				wrong=1
			fi
		done
	done < <(cells)
	[[ $seen -gt 0 ]] || { echo "README.md: has no table below '$heading'"; return 1; }
	return $wrong
}

# noticed WHAT SED WANTED: with README changed by SED, is WANTED said?
noticed() {
	local output
	sed "$2" "$scratch/README.md" >README.md
	output=$(check) && { echo "not noticed: $1"; return 1; }
	[[ $output == "README.md: $3"* ]] || { printf '%s: said was:\n%s\n' "$1" "$output"; return 1; }
}

# shellcheck disable=SC2016 # the table's
self_test() {
	local wrong=0
	cp README.md "$scratch/"
	cp -R models tests "$scratch/"
	mkdir "$scratch/tree"
	mv "$scratch/models" "$scratch/tests" "$scratch/tree/"
	cd "$scratch/tree"
	cp ../README.md .
	check || wrong=1
	noticed 'a file that is gone' 's/`keys\.c` (/`locks.c` (/' '6.3.2.1 st. 9-14, C263: there is no file locks.c' || wrong=1
	noticed 'a script that is gone' 's/`chain_cost\.sh`/`chain_coast.sh`/' '6.3.2.2 st. 3 and 5' || wrong=1
	noticed 'a function of another file' 's/`asking\.c`, `keys\.c` (/`keys.c`, `asking.c` (/' \
		'6.3.2.1 st. 9-14, C263: models/protocol/asking.c does not hold cpns_kek' || wrong=1
	noticed 'a function that is only called' 's/(`ask_for`)/(`cpns_msg_begin`)/' \
		'6.3.2.2 st. 1-5, C255: models/protocol/gw_send.c does not hold cpns_msg_begin' || wrong=1
	noticed 'no table' 's/^## Clauses.*/## Clauses/' 'has no table' || wrong=1
	return $wrong
}

run "$@"
