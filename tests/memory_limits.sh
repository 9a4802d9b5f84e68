#!/usr/bin/env bash
# okng build and okng infer under limits of memory, from what the program needs to start to what the work needs: each run ends with
# the results that it has without a limit, or says that memory is out and exits with 1. First ulimit -v, then, for who is root and
# has a memory cgroup, the cgroup's limit, where the kernel kills what touches more.
#
# Usage: tests/memory_limits.sh BUILD [NETWORK...]: okng-s, resnet18, wide_resnet50_2, which has made weights of its size.
# A few limits of each; with FULL=1 every 128 KiB over the first 25 MiB and every MiB from there on (hours), with FULL=N every N-th
# of those. OKNG names another command than BUILD/okng, as one of an earlier version. Prints TAP, and for docs/reliability.md how
# many ended in which way.
set -uo pipefail
export LC_ALL=C
build=$(realpath "$1") full=${FULL:-0}
okng=$(realpath "${OKNG:-$build/okng}")
shift
networks=("${@:-okng-s}")
[ $# -gt 0 ] || networks=(okng-s resnet18 wide_resnet50_2)
work=$(mktemp -d)
group='' # the cgroup that runs are put into
trap 'rm -rf "$work"; [ -z "$group" ] || rmdir "$group" 2>/dev/null' EXIT
export HOME=$work
unset XDG_CACHE_HOME OKNG_LANGUAGE
number=0 failed=0

report() { # report NAME: passes when $work/bad is empty
    number=$((number + 1))
    if [ -s "$work/bad" ]; then
        failed=1
        echo "not ok $number - $1"
        sed 's/^/# /' "$work/bad" | head -n 12
    else
        echo "ok $number - $1"
    fi
}

# command VERB NETWORK THREADS: fills `job`; its result is to be in $work/out. `more` is to infer more pictures.
command() {
    local weights=()
    [ "$2" = okng-s ] || weights=(--backbone "$2" --weights "$work/$2.safetensors")
    if [ "$1" = build ]; then
        job=("$okng" build --ok-dir "$work/parts/ok" --out-dir "$work/out" --threads "$3" "${weights[@]}") result=memory_bank.pt
    else
        local pictures=ng
        [ "$1" = infer ] || pictures=more
        job=("$okng" infer --bank-dir "$work/bank-$2" --img "$work/parts/$pictures" --out-dir "$work/out" --threads "$3") result=results.csv
    fi
}

# attempt KIND KIB EXPECTED: runs `job` under a limit; `ending` is fine, refused or what went wrong
attempt() {
    local status=0
    rm -rf "$work/out"
    if [ "$1" = ulimit ]; then
        (ulimit -c 0 -v "$2" && exec timeout 300 "${job[@]}") >"$work/log" 2>&1 || status=$?
    else
        limit_group "$2" || { ending="the cgroup takes no limit of $2 KiB"; return; }
        (ulimit -c 0 && echo "$BASHPID" >"$group/cgroup.procs" && exec timeout 300 "${job[@]}") >"$work/log" 2>&1 || status=$?
    fi 2>/dev/null
    ending="exit status $status: $(tail -n 1 "$work/log" | cut -c1-120)"
    if [ $status -eq 0 ]; then
        if cmp -s "$work/out/$result" "$3"; then ending=fine; else ending="other results"; fi
    elif [ $status -eq 1 ] && grep -qE '^okng: .*(memory|bytes could not be had|threads cannot be started)' "$work/log"; then
        ending=refused
    elif [ $status -eq 137 ] && [ "$1" = cgroup ]; then
        ending=killed
    fi
}

# lowest KIND FROM TO STEP EXPECTED: the lowest limit, to a STEP, under which the job is fine
lowest() {
    local low=$2 high=$3 middle
    while [ $((high - low)) -gt "$4" ]; do
        middle=$(((low + high) / 2))
        attempt "$1" $middle "$5"
        if [ "$ending" = fine ]; then high=$middle; else low=$middle; fi
        note "$middle"
    done
    top=$high
}

# What came of a limit.
note() {
    case $ending in
    fine) fine=$((fine + 1)) ;;
    refused) refused=$((refused + 1)) ;;
    killed) killed=$((killed + 1)) ;;
    *) wrong=$((wrong + 1)) && echo "$1 KiB: $ending" >>"$work/bad" ;;
    esac
}

# limits FROM TO COUNT: so many between them, or those of FULL
limits() {
    if [ "$full" -eq 0 ]; then
        awk -v from="$1" -v to="$2" -v count="$3" 'BEGIN { for (i = 0; i < count; i++) print int(from + (to - from) * (i + 0.5) / count) }'
    else
        { seq "$1" 128 $(($1 + 25600)); seq $(($1 + 26624)) 1024 "$2"; } | awk -v to="$2" -v each="$full" '$1 <= to && NR % each == 0'
    fi
}

# scan KIND NETWORK VERB THREADS FROM TO COUNT
scan() {
    local kind=$1 network=$2 verb=$3 threads=$4 expected=$work/expected-$2-$3
    fine=0 refused=0 killed=0 wrong=0
    : >"$work/bad"
    command "$verb" "$network" "$threads"
    lowest "$kind" "$5" "$6" "${step[$network]}" "$expected"
    for kib in $(limits "$5" $((top + 2048)) "$7"); do
        attempt "$kind" "$kib" "$expected"
        note "$kib"
    done
    [ "$fine" -gt 0 ] && [ "$refused" -gt 0 ] || echo "$fine runs were fine and $refused refused: expected some of both" >>"$work/bad"
    [ $((killed * 4)) -le $((fine + refused)) ] || echo "$killed runs were killed" >>"$work/bad"
    report "$network $verb on $threads threads, $kind from $(($5 / 1024)) to $((top / 1024 + 2)) MiB"
    echo "# $((fine + refused + killed + wrong)) limits: $fine fine, $refused refused, $killed killed by the kernel, $wrong wrong"
}

# more NETWORK: the limit that two pictures are fine under, give or take, is enough for more of them: several go through the
# network together only where there is memory for that
more() {
    : >"$work/bad"
    command more "$1" 1
    attempt ulimit $((top + ${step[$1]} + 4096)) "$work/expected-$1-more"
    [ "$ending" = fine ] || echo "$ending" >>"$work/bad"
    report "$1 infer of more pictures, ulimit of $(((top + ${step[$1]} + 4096) / 1024)) MiB"
}

# ---- what the runs work on ----

"$build/tests/make_fixture" "$work/fixture" || exit 1
mkdir -p "$work/parts/ok" "$work/parts/ng" "$work/parts/more"
cp "$work/fixture/ok/"00[0-5].png "$work/parts/ok"
cp "$work/fixture/ng/"00[0-1].png "$work/parts/ng"
for i in {1..16}; do cp "$work/fixture/ng/000.png" "$work/parts/more/$i.png"; done
for network in "${networks[@]}"; do
    [ "$network" = okng-s ] || "$build/tests/make_weights" "$network" "$work/$network.safetensors" layer3 || exit 1
    for verb in build infer more; do
        command $verb "$network" 2
        rm -rf "$work/out"
        "${job[@]}" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
        cp "$work/out/$result" "$work/expected-$network-$verb"
        [ $verb != build ] || mv "$work/out" "$work/bank-$network"
    done
done

# ---- ulimit -v ----

# Below this not even the libraries can be loaded, and nothing of okng has run.
start=16384 high=262144
while [ $((high - start)) -gt 64 ]; do
    middle=$(((start + high) / 2))
    if (ulimit -c 0 -v $middle && exec "$okng" --version) >/dev/null 2>&1; then high=$middle; else start=$middle; fi
done 2>/dev/null
start=$((high + 256))
declare -A most=([okng-s]=131072 [resnet18]=196608 [wide_resnet50_2]=786432) count=([okng-s]=10 [resnet18]=4 [wide_resnet50_2]=1)
declare -A step=([okng-s]=4096 [resnet18]=8192 [wide_resnet50_2]=32768)
for network in "${networks[@]}"; do
    for verb in build infer; do
        for threads in 2 1; do scan ulimit "$network" $verb $threads $start $((start + ${most[$network]})) "${count[$network]}"; done
    done
    more "$network" # beside what infer took on one thread
done

# ---- the cgroup ----

limit_group() { # limit_group KIB: none of it is in use before
    local file
    for file in memory.max memory.limit_in_bytes; do
        [ -e "$group/$file" ] || continue
        [ ! -e "$group/memory.force_empty" ] || echo 0 >"$group/memory.force_empty"
        echo -1 >"$group/memory.memsw.limit_in_bytes"
        echo $(($1 * 1024)) >"$group/$file" && return 0
    done 2>/dev/null
    return 1
}
for folder in /sys/fs/cgroup/memory /sys/fs/cgroup /sys/fs/cgroup/unified; do
    mkdir "$folder/okng-$$" 2>/dev/null || continue
    group=$folder/okng-$$
    if [ -e "$group/memory.max" ] || [ -e "$group/memory.limit_in_bytes" ]; then break; fi
    rmdir "$group"
    group=''
done
declare -A held=([okng-s]=524288 [resnet18]=786432 [wide_resnet50_2]=1572864)
for network in "${networks[@]}"; do
    if [ -z "$group" ]; then
        number=$((number + 1))
        echo "ok $number - $network, cgroup # SKIP needs root and a memory cgroup"
        continue
    fi
    for verb in build infer; do scan cgroup "$network" $verb 2 8192 "${held[$network]}" "${count[$network]}"; done
done
echo "1..$number"
[ $failed -eq 0 ]
