#!/bin/sh
# Peak resident memory and time of `penstock up` for batches of several sizes, one after the other in one process (Linux).
# usage: benchmarks/batch-memory.sh [LINES …]     5000 100000 unless told; ports 18191 and 19191
set -eu
home=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
simulator= server=
stop() {
  # shellcheck disable=SC2086
  [ -z "$server$simulator" ] || kill $server $simulator 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

cat > "$work/catalog.yaml" <<'END'
organizations: [{id: alpha, name: Alpha}]
pools: [{name: sim, provider: sim, dialect: openai, base-url: "http://127.0.0.1:19191/v1", concurrency: 512}]
models: [{name: fast, targets: [{pool: sim, model: m1, price: p}]}]
prices: [{name: p, lines: {input_uncached: "0.15", output_text: "0.60"}}]
END
"$home/penstock" simulator --port 19191 --latency zero > "$work/simulator.log" 2>&1 &
simulator=$!
"$home/penstock" up --data "$work/data" --port 18191 --config "$work/catalog.yaml" > "$work/up.log" 2>&1 &
server=$!
until curl -sf -o /dev/null http://127.0.0.1:18191/health/ready; do
  kill -0 $server 2>/dev/null || { cat "$work/up.log" >&2; exit 1; }
  sleep 0.3
done
key=$("$home/penstock" keys create --data "$work/data" --organization alpha)
echo "lines seconds peak-MiB"
for lines in ${*:-5000 100000}; do
  seq "$lines" | sed 's/.*/{"custom_id":"line-&","method":"POST","url":"\/v1\/chat\/completions","body":{"model":"fast","max_tokens":32,"messages":[{"role":"user","content":"Count to &."}]}}/' \
    > "$work/batch.jsonl"
  began=$(date +%s)
  PENSTOCK_URL=http://127.0.0.1:18191 PENSTOCK_API_KEY=$key "$home/penstock" batch submit "$work/batch.jsonl" --watch > "$work/batch.json" 2> "$work/watch.log" ||
    { cat "$work/watch.log" >&2; exit 1; }
  ended=$(date +%s)
  grep -q "\"completed\" *: *$lines\b" "$work/batch.json" || { echo "not all lines were answered:" >&2; cat "$work/batch.json" >&2; exit 1; }
  echo "$lines $((ended - began)) $(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$server/status")"
done
