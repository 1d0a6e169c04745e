#!/bin/bash
# stores.sh SQLITE SQLCIPHER LMDB MEMORY: the store programs from outside: what goes wrong with discs, files and
# passphrases is told clearly, and harms nothing that was acknowledged.
programs=("$@")
for i in "${!programs[@]}"; do programs[i]=$(readlink -f -- "${programs[i]}"); done
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/../scenarios/lib.sh"
mkdir bin
cp "${programs[@]}" bin/
chmod 755 . bin bin/*
bin=$work/bin
printf 'open sesame\n' >passphrase
k1=$(printf 'a1%.0s' {1..32}) k2=$(printf 'b2%.0s' {1..32})

# run STORE FOLDER REQUEST...: leaves $status, and the files out and err
run() {
	local store=$1 folder=$2 options=()
	shift 2
	[[ $store != sqlcipher ]] || options=(--passphrase-file "${passphrase:-passphrase}")
	[[ $store != memory ]] || options=(--shards 3)
	printf '%s\n' "$@" | "${prefix[@]}" "$bin/cpns-store-$store" "${options[@]}" ${folder:+"$folder"} >out 2>err
	status=$?
}
prefix=()
has() { if grep -qE -- "$2" "$3"; then ok "$1"; else fail "$1" "$(cat out err)"; fi; } # NAME PATTERN FILE

for store in sqlite sqlcipher lmdb memory; do
	folder=$store
	[[ $store != memory ]] || folder=
	run $store "$folder" "put-user al%20ice $k1" 'user al%20ice' 'put-entity pne%3a1 616c 0011' "insert pne%3a1 $k1" "insert pne%3a1 $k2$k1" \
		"confirm pne%3a1 $k2" 'entity pne%3a1' entities check
	ends "$store: a story" 0
	same "$store: what it says" "$(tr '\n' '|' <out)" \
		"ok|ok $k1 1|ok|ok|ok|ok|ok 616c 0011 $k2$k1 -|entity pne%3A1 616c 0011 $k2$k1 -|ok 1|ok|"
	run $store "$folder" frobnicate '' 'user' 'user a b' "put-user a 12" "put-user a xy" "put-user a 123" "insert a $k1" 'user %zz' \
		'put-user % ff' "put-entity a - -" "insert a -" 'load 0 1 1 1 1 1' 'fill 0' "entity $(printf 'x%.0s' {1..256})" check
	ends "$store: wrong requests" 0
	same "$store: wrong requests are told" "$(grep -vc '^error [a-z]*: .' out)" 2
done

same 'files are for their owner alone' "$(find sqlite sqlcipher lmdb -perm /077)" ''
run sqlcipher sqlite check
ends 'a plain file opened as an encrypted one' 1
has 'a plain file: message' 'sqlite/keys.db: is a plain SQLite file, not encrypted' err
run sqlite sqlcipher check
ends 'an encrypted file opened as a plain one' 1
has 'an encrypted file: message' 'sqlcipher/keys.db: is encrypted, or no SQLite database' err
echo 'open sesam' >wrong
passphrase=wrong run sqlcipher sqlcipher check
ends 'wrong passphrase' 1
has 'wrong passphrase: message' 'passphrase is wrong' err
: >empty
passphrase=empty run sqlcipher sqlcipher check
ends 'empty passphrase' 2
passphrase=absent run sqlcipher sqlcipher check
ends 'no file with a passphrase' 1
has 'no file with a passphrase: message' 'absent' err
for store in sqlite sqlcipher; do
	run $store $store 'entity pne%3a1' check
	same "$store: nothing was harmed" "$(tr '\n' '|' <out)" "ok 616c 0011 $k2$k1 -|ok|"
done

# The passphrase is neither in what ps shows nor in the environment.
mkfifo requests
"$bin/cpns-store-sqlcipher" --passphrase-file passphrase sqlcipher <requests >answers 2>&1 &
pid=$!
exec 8>requests
echo check >&8
until grep -q ok answers; do kill -0 $pid 2>/dev/null || break; sleep 0.05; done
if grep -qa 'open sesame' "/proc/$pid/cmdline" "/proc/$pid/environ"; then fail 'the passphrase can be seen'; else ok 'the passphrase cannot be seen'; fi
if grep -qa 'passphrase-file' "/proc/$pid/cmdline"; then ok 'its file can'; else fail 'its file can'; fi
exec 8>&-
wait $pid

# Several that open a new store at once all get it.
for store in sqlite lmdb; do
	for round in {1..10}; do
		mkdir new
		for _ in {1..5}; do
			echo check | "$bin/cpns-store-$store" new >>together 2>&1 &
		done
		wait
		rm -r new
	done
	same "$store: opened by five at once, $round times" "$(sort together | uniq -c | tr -d ' ')" 50ok
	rm together
done

# full STORE: the file may not grow; then a reopened store holds what was acknowledged
full() {
	local store=$1 keys inserted
	keys=$(printf "$k1%.0s" {1..60})
	run "$store" "full-$store" "put-entity p - -" "insert p $k2" "confirm p $k2"
	prefix=(bash -c 'ulimit -f 400; exec "$@"' limit)
	mapfile -t requests < <(for i in {1..200}; do printf 'put-entity e%d - -\ninsert e%d %s\n' "$i" "$i" "$keys"; done)
	run "$store" "full-$store" "${requests[@]}" check 'entity p'
	prefix=()
	has "$store, no room: message" '^error space: .*cannot be written' out
	inserted=$(grep -c '^ok$' out)
	holds "$store, no room: something was written before" "$inserted > 10"
	same "$store, no room: it can still be read" "$(tail -n 1 out)" "ok - - $k2 -"
	acknowledged=$(awk 'NR % 2 == 0 && NR <= 400 && $0 == "ok"' out | wc -l)
	run "$store" "full-$store" check entities
	same "$store, no room: sound afterwards" "$(head -n 1 out)" ok
	same "$store, no room: all that was acknowledged" "$(grep -c " $keys\$" out)" "$acknowledged"
}
for store in sqlite sqlcipher lmdb; do full $store; done

# A disc that is full, where this may be made.
cat >small-disc <<'EOF'
mount -t tmpfs -o size=600k none "$1" || exit 77
shift
exec "$@"
EOF
mkdir disc
if unshare -rm bash small-disc "$PWD/disc" true 2>/dev/null; then
	for store in sqlite sqlcipher lmdb; do
		prefix=(unshare -rm bash small-disc "$PWD/disc")
		run $store disc/store "put-entity p - -" "insert p $k2" "fill 20000" 'entity p' check
		prefix=()
		has "$store, a full disc: message" '^error space: ' out
		same "$store, a full disc: it can still be read" "$(tail -n 2 out | tr '\n' '|')" "ok - - - $k2|ok|"
	done
else
	echo 'skip: no small disc can be mounted here'
fi

# A folder that cannot be written to. Root may write anywhere, so somebody else tries.
mkdir readonly
for store in sqlite sqlcipher lmdb; do cp -R $store readonly/; done
chmod -R a+rX,a-w readonly passphrase
[[ $(id -u) -ne 0 ]] || prefix=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if [[ $(id -u) -ne 0 ]] || "${prefix[@]}" true 2>/dev/null; then
	for store in sqlite sqlcipher lmdb; do
		run $store readonly/new check
		ends "$store, a new store in a folder that is read-only" 1
		has "$store, a new store in a folder that is read-only: message" 'readonly/new: cannot be created: Permission denied' err
		run $store readonly/$store "insert pne%3a1 $k1"
		if [[ $status -eq 1 ]]; then has "$store, read-only: message" "readonly/$store.*cannot" err; else has "$store, read-only: message" '^error failed: .*readonly.*cannot' out; fi
	done
else
	echo 'skip: nobody else can be asked to write'
fi
prefix=()
chmod -R u+w readonly
for store in sqlite sqlcipher lmdb; do
	run $store readonly/$store 'entity pne%3a1'
	same "$store, read-only: nothing was harmed" "$(cat out)" "ok 616c 0011 $k2$k1 -"
done

# Somebody else's database is left alone.
if command -v sqlite3 >/dev/null; then
	mkdir theirs
	sqlite3 theirs/keys.db 'CREATE TABLE diary (day, entry)'
	before=$(sha256sum <theirs/keys.db)
	run sqlite theirs check
	ends "somebody else's database" 1
	has "somebody else's database: message" 'no key store of ours' err
	same "somebody else's database: as before" "$(sha256sum <theirs/keys.db)" "$before"
fi
finish
