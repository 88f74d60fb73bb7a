#!/usr/bin/env bash
# Builds every variant of the ring into native/build/<variant> and runs all tests.
#
#   ./test.sh [--quick] [--fuzz-seconds N] [--seed S] [--jobs N] [variant...]
#
#   --quick           plain and steps only, short soak and fuzz
#   --fuzz-seconds N  kill fuzz of topics in all (default 60; an hour: 3600). A third
#                     of it runs with every child as process 1 of its own pid
#                     namespace. Of queues, a hundred kills for each, and fifty
#   variant           plain asan tsan steps fuzz arm64; default: all that this
#                     machine can build
#
# The last line counts: N passed, N failed, N skipped.
set -u
cd "$(dirname "$0")"

quick=0 fuzz_seconds=60 seed=$((RANDOM * 32768 + RANDOM)) jobs=2 variants=()
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) quick=1 ;;
    --fuzz-seconds) fuzz_seconds=$2; shift ;;
    --seed) seed=$2; shift ;;
    --jobs) jobs=$2; shift ;;
    -*) echo "unknown option $1" >&2; exit 2 ;;
    *) variants+=("$1") ;;
  esac
  shift
done
soak_reads=1000000
attach_runs=20000
if [ $quick = 1 ]; then
  soak_reads=60000
  fuzz_seconds=$((fuzz_seconds < 6 ? fuzz_seconds : 6))
  [ ${#variants[@]} -gt 0 ] || variants=(plain steps)
fi
[ ${#variants[@]} -gt 0 ] || variants=(plain asan tsan steps fuzz arm64)

passed=0 failed=0 skipped=0
declare -a failures=() skips=()
log=$(mktemp -d)
export RMQ_TEST_PREFIX=rmqt_$$
trap 'rm -rf "$log"; rm -f /dev/shm/$RMQ_TEST_PREFIX*' EXIT

pass() { passed=$((passed + 1)); echo "ok      $1"; }
fail() { failed=$((failed + 1)); failures+=("$1"); echo "FAILED  $1"; }
skip() { skipped=$((skipped + 1)); skips+=("$1: $2"); echo "SKIPPED $1: $2"; }

# build <variant> [cmake options]; targets: only these.
build() {
  local variant=$1 generator=(); shift
  command -v ninja > /dev/null && generator=(-G Ninja)
  if nice -n 19 cmake "${generator[@]}" -S . -B "build/$variant" -DRMQ_VARIANT="${variant/arm64/plain}" "$@" > "$log/build" 2>&1 &&
    nice -n 19 cmake --build "build/$variant" -j "$jobs" ${targets:+--target $targets} >> "$log/build" 2>&1; then
    return 0
  fi
  tail -40 "$log/build"
  fail "$variant: build"
  return 1
}

# A googletest program: its own counts are ours.
suite() {
  local name=$1; shift
  "$@" > "$log/out" 2>&1
  local rc=$? good bad missing
  good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) tests\?\..*/\1/p' "$log/out")
  missing=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) tests\?, listed below.*/\1/p' "$log/out")
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) tests\?, listed below.*/\1/p' "$log/out")
  passed=$((passed + ${good:-0}))
  if [ "${missing:-0}" -gt 0 ]; then
    skipped=$((skipped + missing))
    skips+=("$name: $(grep -m1 -B1 -A2 'Skipped' "$log/out" | tr '\n' ' ')")
  fi
  grep '^\[   NOTE   \]' "$log/out"
  if [ $rc -ne 0 ]; then
    failed=$((failed + (${bad:-0} > 0 ? ${bad:-0} : 1)))
    failures+=("$name")
    grep -v '^\[ RUN \|^\[       OK' "$log/out" | tail -60
    echo "FAILED  $name (status $rc)"
  else
    echo "ok      $name: ${good:-0} tests"
  fi
}

# One program, one test; 77 means skipped.
single() {
  local name=$1; shift
  "$@" > "$log/out" 2>&1
  local rc=$?
  if [ $rc = 0 ]; then
    tail -${lines:-1} "$log/out"
    pass "$name"
  elif [ $rc = 77 ]; then
    skip "$name" "$(tail -1 "$log/out")"
  else
    tail -40 "$log/out"
    fail "$name (status $rc)"
  fi
}

# The deliberate bug must be noticed: by a failing test, a sanitizer or a crash.
mutant() {
  local name=$1; shift
  timeout 60 "$@" > "$log/out" 2>&1
  local rc=$?
  if [ $rc = 0 ]; then fail "mutant $name survived"; else pass "mutant $name is caught (status $rc)"; fi
}

plain() {
  build plain || return
  local t=build/plain/test
  suite plain:unit $t/ring-unit
  suite plain:segment $t/ring-segment
  suite plain:threads $t/ring-threads
  single plain:memory-order $t/litmus
  mutant noHazardCheck $t/mutant-noHazardCheck '--gtest_filter=Lease.*'
  mutant noValidation $t/mutant-noValidation '--gtest_filter=ReadingDetails.TwoStep*'
  mutant popByStore $t/mutant-popByStore '--gtest_filter=ReadingDetails.TwoConsumers*'
  mutant noRebuild $t/mutant-noRebuild '--gtest_filter=Recovery.LockOfTheDead*'
  mutant noLoanBurial $t/mutant-noLoanBurial '--gtest_filter=Recovery.LoanOfTheDead*'
  mutant noRollback $t/mutant-noRollback '--gtest_filter=Recovery.Unacknowledged*'
  mutant noNotifyRecheck $t/mutant-noNotifyRecheck '--gtest_filter=Waiter.SleeperLooks*'
  mutant noSpaceBells $t/mutant-noSpaceBells '--gtest_filter=QueueThreads.SleepersAre*'
  # A low threshold makes glibc copy the 4 MB records with non-temporal stores.
  lines=4 single plain:torn-soak env GLIBC_TUNABLES=glibc.cpu.x86_non_temporal_threshold=1048576 \
    $t/torn-soak --reads $soak_reads
}

asan() {
  build asan || return
  local t=build/asan/test
  suite asan:unit $t/ring-unit
  suite asan:segment $t/ring-segment
  suite asan:threads $t/ring-threads
}

tsan() {
  build tsan || return
  local t=build/tsan/test
  suite tsan:threads $t/ring-threads
  mutant unlockRelaxed $t/mutant-unlockRelaxed '--gtest_filter=Threads.EverybodyAtOnce'
}

steps() {
  build steps || return
  local t=build/steps/test third=$((fuzz_seconds / 3))
  suite steps:interleave $t/ring-interleave
  suite steps:kill $t/ring-step-kill
  suite steps:stop $t/ring-stop
  mutant noLeaseRecheck $t/mutant-noLeaseRecheck
  single steps:kill-fuzz nice -n 5 $t/kill-fuzz --seconds $((fuzz_seconds - third)) --seed $seed
  single steps:kill-fuzz-pid1 nice -n 5 $t/kill-fuzz --seconds $third --seed $((seed + 1)) --init
  # About 2 ms a kill.
  single steps:queue-kill-fuzz nice -n 5 $t/queue-kill-fuzz --kills $((fuzz_seconds * 100)) --seed $((seed + 2))
  single steps:queue-kill-fuzz-pid1 nice -n 5 $t/queue-kill-fuzz --kills $((fuzz_seconds * 50)) --seed $((seed + 3)) --init
}

fuzz() {
  local clang
  clang=$(command -v clang++-14 || command -v clang++) || { skip fuzz "no clang++"; return; }
  build fuzz -DCMAKE_CXX_COMPILER="$clang" || return
  mkdir -p build/fuzz/corpus
  single fuzz:attach nice -n 5 build/fuzz/test/attach-fuzz -runs=$attach_runs -max_len=2048 -seed=$((seed % 1000000 + 1)) \
    -print_final_stats=0 -verbosity=0 build/fuzz/corpus
}

arm64() {
  local qemu
  qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) && command -v aarch64-linux-gnu-g++ > /dev/null ||
    { skip arm64 "no aarch64 cross compiler or qemu-user"; return; }
  [ -d /usr/src/googletest ] || { skip arm64 "no googletest sources"; return; }
  targets="ring-unit ring-threads torn-soak" build arm64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DRMQ_GTEST_FROM_SOURCE=ON || return
  local t=build/arm64/test emulate=("$qemu" -L /usr/aarch64-linux-gnu)
  suite arm64:unit "${emulate[@]}" $t/ring-unit '--gtest_filter=-Seeds/Property*:Seeds/Allocator*'
  suite arm64:threads "${emulate[@]}" $t/ring-threads
  lines=4 single arm64:torn-soak "${emulate[@]}" $t/torn-soak --reads 40000
}

echo "seed $seed"
start=$SECONDS
for variant in "${variants[@]}"; do
  echo "--- $variant"
  "$variant"
done
for s in "${skips[@]}"; do echo "skipped: $s"; done
for f in "${failures[@]}"; do echo "failed: $f"; done
echo "$((SECONDS - start)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
