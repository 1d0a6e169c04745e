#!/bin/bash
# report.sh CPNS-SIM: reports of small campaigns: exit codes, files, the same bytes again, and the page in a browser, wide
# and narrow.
# shellcheck source=tests/scenarios/lib.sh
. "$(dirname -- "$0")/lib.sh"

cat >town.ini <<'EOF'
[General]
study = terminating
repeat = 3
topology = generated
gateways = 20
pnes-per-gateway = 5
pne.ui = 40%
pan.secure = 50%
pan.profile = ble
wan.profile = lte
protocol.password-iterations = 10
protocol.mutual-authentication = done
crypto.mode = counted
workload.arrivals = storm(10s)
[Config Loss]
pan.loss = ${loss=1%,5%,20%}
server.workers = ${workers=1,2}
[Config Once]
repeat = 1
gateways = ${n=2,4}
EOF

# curves DIR: the files of curves, where the program did not write them: any will do.
curves() {
	[[ -e $1/cdf.csv ]] || awk -F, -v OFS=, 'NR == 1 { print "config,iteration,replication,run,module,flow,metric,share,value,unit" }
		$7 == "assignment.latency" && $8 == "p50" { for (s = 1; s <= 9; s++)
			print $1, $2, $3, $4, $5, $6, $7, s / 10, $9 * (1 + s / 10 + $3 / 50), "s" }' "$1/runs.csv" >"$1/cdf.csv"
	[[ -e $1/series.csv ]] || awk -F, -v OFS=, 'NR == 1 { print "config,iteration,replication,run,module,flow,metric,statistic,time,value,unit" }
		$7 == "assignment.completed" && $5 $6 == "allall" { for (t = 1; t <= 10; t++)
			print $1, $2, $3, $4, $5, $6, $7, "rate", t, t * (1 + $3 / 10), "1/s" }' "$1/runs.csv" >"$1/series.csv"
}

# A comparison and a capacity, as their commands write them.
comparison() {
	cat >"$1/compare.csv" <<-'EOF'
		a,b,iteration,module,flow,metric,statistic,difference,low,high,ratio,ratio_low,ratio_high,correlation,variance_ratio,n,method,unit,verdict
		Loss,Loss,loss=1%;workers=1,all,all,assignment.latency,mean,-0.25,-0.5,-0.125,0.75,0.5,0.875,0.9,0.1,3,paired-t,s,n too small
		Loss,Loss,loss=1%;workers=1,all,all,assignment.failed,total,1,-1,3,,,,,,3,paired-t,1,n too small
	EOF
	cat >"$1/claims.csv" <<-'EOF'
		a,b,iteration,module,flow,metric,statistic,per,difference,low,high,ratio,n,p,adjusted,unit,verdict
		Loss,Loss,loss=1%;workers=1,all,all,assignment.latency,mean,,-0.25,-0.5,-0.125,0.75,3,0.01,0.02,s,n too small
		Loss,Loss,loss=5%;workers=1,all,all,assignment.latency,mean,,0.25,0.125,0.5,1.25,3,0.04,0.12,s,n too small
		Loss,Loss,loss=1%;workers=1,all,all,assignment.throughput,mean,,1,-1,3,,3,0.5,0.5,1/s,ok
	EOF
	cat >"$1/capacity.csv" <<-'EOF'
		config,iteration,parameter,lower,upper,unit,confidence,verdict
		Loss,workers=1,loss,0.02,0.04,1,0.95,ok
		Loss,workers=2,loss,0.05,,1,0.95,no upper bound
	EOF
}

# report NAME STATUS ARGUMENT...
report() {
	local name=$1 status_wanted=$2
	shift 2
	sim report "$@"
	ends "$name" "$status_wanted"
}

chromium=$(command -v chromium || command -v chromium-browser || true)
[[ -n $chromium ]] || echo 'skip: there is no chromium to open pages with'

# page NAME FILE WIDTH PLOTS: what a browser says of the page
page() {
	local name=$1 file=$2 width=$3 plots=$4 said
	[[ -n $chromium ]] || return 0
	# A window has a least width, so the page stands in a frame, and tells what surrounds it.
	{
		cat "$file"
		cat <<-'EOF'
			<script>addEventListener("load", () => {
			  const images = [...document.images], page = document.documentElement;
			  document.querySelectorAll("details").forEach(d => d.open = true);
			  parent.postMessage([innerWidth, page.scrollWidth <= innerWidth ? "fits" : "overflows: " + page.scrollWidth,
			    images.length, images.filter(i => i.complete && i.naturalWidth > 0 && i.alt).length, "drawn",
			    document.querySelectorAll("h1").length, document.querySelectorAll("main, header, nav, footer").length,
			    page.lang, document.querySelectorAll("table:not(:has(caption))").length].join(" "), "*");
			});</script>
		EOF
	} >framed.html
	cat >opened.html <<-EOF
		<!DOCTYPE html><pre id="said"></pre>
		<script>addEventListener("message", e => said.textContent = e.data);</script>
		<iframe src="framed.html" width="$width" height="800" style="border: 0"></iframe>
	EOF
	said=$(timeout -k 5 120 "$chromium" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/browser" \
		--host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --v=0 --virtual-time-budget=5000 \
		--window-size=1600,900 --dump-dom "file://$PWD/opened.html" 2>browser.log | sed -n 's/.*<pre id="said">\(.*\)<\/pre>.*/\1/p')
	same "$name at $width px" "$said" "$width fits $plots $plots drawn 1 4 en 0"
	same "$name at $width px: no complaint" "$(grep CONSOLE browser.log)" ''
}

# sound NAME DIR: the page is whole, needs nothing but itself, and has each of its plots
sound() {
	local name=$1 dir=$2 file="$2/report.html" svg plots=0
	for svg in "$dir"/plots/*.svg; do
		[[ -s $svg && -s ${svg%.svg}.gp && -s ${svg%.svg}.dat ]] || fail "$name: ${svg##*/} and its sources"
		grep -q '</svg>' "$svg" || fail "$name: ${svg##*/} is whole"
		plots=$((plots + 1))
	done
	same "$name: plots on the page" "$(grep -o 'src="data:image/svg+xml;base64,' "$file" | wc -l)" "$plots"
	same "$name: nothing from elsewhere" "$(sed 's/base64,[^"]*//g' "$file" | grep -oE '(src|href|url|action)[=(]"?[^" >]*' |
		grep -vE '^(src="data:image/svg\+xml;|href="#|href="data:,)')" ''
	same "$name: no script" "$(grep -ciE '<script|javascript:| on[a-z]+=' "$file")" 0
	same "$name: every section of the contents" "$(grep -o 'href="#[a-z]*"' "$file" | sed 's/.*#//; s/"//' | sort |
		while read -r id; do grep -q "id=\"$id\"" "$file" || echo "$id"; done)" ''
	page "$name" "$file" 1280 "$plots"
	page "$name" "$file" 390 "$plots"
}

# One case.
study one town.ini
curves one
report 'a report of one case' 0 one
same 'the path is printed' "$(cat out)" one/report.html
sound 'one case' one
same 'one case: its plots' "$(cd one/plots && echo *.svg | tr ' ' '\n' | grep -cE '^(latency-cdf|rates-time)\.svg$')" 2
for text in 'Means over replications' 'Few replications' 'terminating study' 'Philox' 'Censored: none' default; do
	if grep -q -- "$text" one/report.html; then ok "one case: $text"; else fail "one case: $text"; fi
done

# A sweep over two variables; a comparison; a capacity.
study sweep town.ini -c Loss
curves sweep
comparison sweep
report 'a report of a sweep' 0 sweep --quiet
same 'quiet' "$(cat out err)" ''
sound 'a sweep' sweep
for plot in latency-p99 throughput failure-share utilisation-server latency-cdf rates-time-completed differences; do
	if [[ -s sweep/plots/$plot.svg ]]; then ok "a sweep: $plot"; else fail "a sweep: $plot" "$(ls sweep/plots)"; fi
done
grep -q "set object 1 rectangle from 2,graph 0 to 4,graph 1" sweep/plots/throughput.gp || fail 'the capacity is marked'
if grep -q 'Loss − Loss = <strong>-250 ms</strong> (95 % interval -500 ms to -125 ms), -25.0 %: less; n too small' \
	sweep/report.html; then ok 'the comparison in words'; else fail 'the comparison in words' "$(grep -m1 'Loss −' sweep/report.html)"; fi
if grep -q '+25.0 %: more, but among so many comparisons not to be relied on; n too small' sweep/report.html &&
	grep -q 'Of the 3 differences that <code>claims.csv</code> has, 1 can be claimed together' sweep/report.html; then
	ok 'what does not stand among many'; else fail 'what does not stand among many' "$(grep -m2 'Loss −' sweep/report.html)"; fi
if grep -q 'lies between <strong>0.02</strong> and <strong>0.04</strong>' sweep/report.html; then
	ok 'the capacity in words'; else fail 'the capacity in words'; fi

for text in '<h1>Capacity in loss: Loss of town.ini</h1>' 'the greatest <code>loss</code> that meets every target' \
	'<tr><th scope="row">loss</th><td>pan.loss</td><td>1%, 5%, 20%</td></tr>' 'There were 3 independent replications'; do
	if grep -qF -- "$text" sweep/report.html; then ok "a capacity: $text"; else fail "a capacity: $text"; fi
done

# What -r left out was not varied; what a search looked for is named, and its trials stand by value.
study part town.ini -c Loss -r workers=2 --set repeat=1
report 'a part of a sweep' 0 part --quiet
grep -qF 'There was 1 independent replication of each case' part/report.html || fail 'one replication' "$(grep -o 'There w[^,]*' part/report.html)"
same 'a part: what was varied' "$(grep -c '<th scope="row">loss</th>' part/report.html) $(grep -c '<th scope="row">workers</th>' part/report.html)" '1 0'
sim capacity town.ini --vary server.workers --slo 'assignment.latency.p99<=60s' --slo 'assignment.failed<=0' --from 1 --to 4 \
	--max-replications 10 -o found --quiet
ends 'a search' 0
report 'a report of a search' 0 found --quiet
grep -qF 'that meets <code>assignment.latency.p99&lt;=60s</code> and <code>assignment.failed&lt;=0</code>.' found/report.html ||
	fail 'its targets' "$(grep -o 'Sought.*' found/report.html)"
same 'its trials by value' "$(grep -oE '<tr><th scope="row">server.workers=[0-9]+' found/report.html | sort -u -t= -k3n | tr '\n' ' ')" \
	"$(grep -oE '<tr><th scope="row">server.workers=[0-9]+' found/report.html | awk '!seen[$0]++' | tr '\n' ' ')"

# Without claims.csv nothing is stated.
cp -r sweep unclaimed
rm unclaimed/claims.csv
report 'a comparison without claims' 0 unclaimed --quiet
has 'without claims: the page says so' unclaimed/report.html 'No difference is stated: <code>claims.csv</code> is missing or empty'
rm -r unclaimed

# The same files, the same report.
cp -r sweep again
report 'again' 0 sweep --quiet
same 'the same bytes' "$(diff -rq sweep again)" ''
report 'elsewhere' 0 sweep -o elsewhere/deep --quiet
same 'elsewhere: the same bytes' "$(diff -rq sweep/plots elsewhere/deep/plots; cmp sweep/report.html elsewhere/deep/report.html)" ''

# A campaign that was interrupted is reported as far as it came, and says so.
sed -i 's/"state" : "finished"/"state" : "interrupted"/; s/"runs-planned" : [0-9]*/"runs-planned" : 99/' again/manifest.json
report 'interrupted' 0 again --quiet
if grep -q 'This campaign is interrupted:</strong> 18 of 99 runs are finished' again/report.html; then
	ok 'interrupted: the page says so'; else fail 'interrupted: the page says so'; fi

# Without intervals all is exploratory.
study once town.ini -c Once
report 'a report of single runs' 0 once --quiet
sound 'single runs' once
holds 'single runs: there are plots' "$(find once/plots -name '*.gp' | wc -l) > 1"
same 'single runs: each plot is stamped' "$(grep -L "'exploratory'" once/plots/*.gp)" ''
same 'three runs: no plot is stamped' "$(grep -l "'exploratory'" sweep/plots/[!d]*.gp)" ''

# What is not a sound folder ends in one message and no report.
damaged() {
	local name=$1 pattern=$2
	sim report broken
	ends "$name" 2
	same "$name: one message" "$(wc -l <err)" 1
	if grep -qE -- "$pattern" err; then ok "$name: $pattern"; else fail "$name: $pattern" "$(cat err)"; fi
	if [[ -e broken/report.html ]]; then fail "$name: no report"; else ok "$name: no report"; fi
	rm -rf broken
	cp -r once broken
	rm -rf broken/report.html broken/plots
}
damaged 'no folder' 'broken: is not a folder: name one'
rm broken/summary.csv
damaged 'a file is missing' 'broken/summary.csv: is missing: '
truncate -s -20 broken/runs.csv
damaged 'a file is cut short' 'broken/runs.csv:[0-9]+: '
sed -i '3s/,[^,]*$//' broken/summary.csv
damaged 'a field is missing' 'broken/summary.csv:3: has 13 fields instead of 14: '
sed -i '4s/,[0-9.]*,1$/,many,1/' broken/runs.csv
damaged 'no number' 'broken/runs.csv:4: column `value`: "many" is not a number: '
sed -i 's/"state" : "finished"/"state" : "done"/' broken/manifest.json
damaged 'a state' 'broken/manifest.json: state: '
echo '{"format": "something else"}' >broken/manifest.json
damaged 'not ours' 'broken/manifest.json: is not a manifest of ours'
head -c 900 once/manifest.json >broken/manifest.json
damaged 'half a manifest' 'broken/manifest.json: is not JSON: '

# gnuplot is missing.
mkdir bin
PATH="$work/bin" "$sim" report once >out 2>err
status=$?
PATH=$PATH ends 'no gnuplot' 1
if grep -q 'gnuplot cannot be started: .*install it' err; then ok 'no gnuplot: what to do'; else fail 'no gnuplot: what to do' "$(cat err)"; fi

finish
