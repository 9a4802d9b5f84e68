#!/usr/bin/env bash
# Banks on every kind of file system that this machine can have: what lies beside a bank and is not okng's stays; killed before any
# call that changes a name or a file, a whole bank opens and a second build leaves nothing else; a reader never sees a mix or nothing;
# of two writers one is refused, between machines too.
#
# Usage: tests/filesystems.sh BUILD [--full] [PLACE...]
# Places: folder shm guards build, which need no rights and are what is done unless some are given, and ext4 xfs btrfs overlay fuse2fs
# exfat bindfs namespaces nfs, which need root and what mounts them; --full: all, killed before every call, not every third or so.
# OKNG names another command than BUILD/okng, as one of an earlier version. Prints TAP.
set -uo pipefail
export LC_ALL=C
[ $# -ge 1 ] || { sed -n '/^# Usage/,/^# OKNG/s/^# //p' "$0" >&2; exit 2; }
build=$(realpath "$1") full=0 places=()
okng=$(realpath "${OKNG:-$build/okng}") shim=$build/tests/libodd_files.so swap=$build/tests/swap_bank
shift
for given in "$@"; do [ "$given" = --full ] && full=1 || places+=("$given"); done
[ ${#places[@]} -gt 0 ] || places=(folder shm guards build)
[ $full = 0 ] || [ ${#places[@]} -gt 4 ] || [ $# -gt 1 ] || places+=(ext4 xfs btrfs overlay fuse2fs exfat bindfs namespaces nfs)
for needed in "$swap" "$shim" "$build/tests/make_fixture"; do
    [ -e "$needed" ] || { echo "Bail out! $needed is not there; build the tests first"; exit 1; }
done
work=$(mktemp -d)
mounted=() loop=""
leave() {
    cd /
    for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do umount "${mounted[i]}" || umount -l "${mounted[i]}"; done 2>"$work/umount.log"
    [ -z "$loop" ] || losetup -d "$loop"
    rm -rf "$work" ${shm:+"$shm"}
}
trap leave EXIT
shm="" number=0 failures=0
aside=(env LD_PRELOAD="$shim" OKNG_NO_EXCHANGE=22)

check() { # check NAME COMMAND...: what it prints is why it failed
    local name=$1 log=$work/log
    shift
    number=$((number + 1))
    if "$@" >"$log" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$log" | head -n 40
        failures=$((failures + 1))
    fi
}
skip() {
    number=$((number + 1))
    echo "not ok $number # SKIP $1"
}
fresh() { # an empty folder to work in
    cd / && rm -rf "$place/t" && mkdir "$place/t" && cd "$place/t"
}
say() {
    echo "$*"
    return 1
}
only() { # only NAME...: these are all that is here, in the order of ls
    [ "$(ls -A | tr '\n' ' ')" = "$* " ] || say "there is: $(ls -A | tr '\n' ' '), expected: $*"
}

# ---- what is checked in each place -----------------------------------------------------------------------------------------------------

files_of_others() { # files_of_others AS...
    fresh && mkdir poetry.old poetry.building && echo mine | tee poetry.lock poetry.old/notes.txt >poetry.building/memory_bank.pt || return
    for n in 1 2 3; do "$@" "$swap" write poetry $n || return; done
    only poetry poetry.building poetry.lock poetry.old || return
    for file in poetry.lock poetry.old/notes.txt poetry.building/memory_bank.pt; do
        [ "$(cat $file)" = mine ] || say "$file is changed" || return
    done
}

# write_waiting KIND NUMBER AS...: where other machines may write too, an empty lock of a killed process is waited for
write_waiting() {
    local kind=$1 n=$2 tries status
    shift 2
    for tries in 1 2 3 4 5 6 7 8; do
        "$@" "$swap" "$kind" bank "$n" 2>"$work/waiting"
        status=$?
        [ $status = 3 ] && grep -q "somebody is taking this lock" "$work/waiting" || break
        sleep 1
    done
    cat "$work/waiting"
    return $status
}

# after_kill NUMBERS LIST AS...: opening gives one of the numbers; then a third bank can be built, and nothing else is left
after_kill() {
    local numbers=$1 got
    shift
    if [ "$numbers" ]; then
        got=$("$@" "$swap" read bank) || return
        [[ " $numbers " == *" ${got%%:*} "* ]] || say "bank $got, expected one of $numbers" || return
    fi
    write_waiting write 3 "$@" && got=$("$@" "$swap" read bank) || return
    [ "${got%%:*}" = 3 ] && only bank bank.lock notes && [ "$(cat bank.lock notes)" = "$(printf 'mine\nmine')" ]
}

kills() { # kills EVERY KIND AS...
    local every=$1 kind=$2 calls n
    shift 2
    [ $# -gt 0 ] || set -- env LD_PRELOAD="$shim"
    fresh && "$@" "$swap" "$kind" bank 1 && "$@" OKNG_CALLS="$work/calls" "$swap" "$kind" bank 2 && calls=$(cat "$work/calls") || return
    [ "$calls" -gt 15 ] || say "only $calls calls were counted" || return
    for ((n = 1; n <= calls; n += every)); do
        for reader in "1 2" ""; do # found by who opens, or by who builds
            fresh && echo mine | tee notes >bank.lock && "$@" "$swap" "$kind" bank 1 || return
            { "$@" OKNG_KILL_AT=$n "$swap" "$kind" bank 2; } 2>/dev/null
            [ $? = 137 ] || say "call $n: not killed" || return
            after_kill "$reader" "$@" || say "killed before call $n of $calls, then ${reader:+opened and }built" || return
        done
        fresh && echo mine | tee notes >bank.lock && "$@" "$swap" "$kind" bank 1 && mv bank .bank.okng-old # a second kill, after one between two names
        { "$@" OKNG_KILL_AT=$n "$swap" "$kind" bank 2; } 2>/dev/null
        after_kill "1 2" "$@" || say "killed before call $n, after a kill between two names" || return
        fresh && echo mine | tee notes >bank.lock # where there was no bank
        { "$@" OKNG_KILL_AT=$n "$swap" "$kind" bank 2; } 2>/dev/null
        after_kill "" "$@" || say "killed before call $n, the first bank" || return
    done
}

readers() { # readers SECONDS KIND AS...
    local seconds=$1 kind=$2 writer reader status
    shift 2
    fresh && "$@" "$swap" "$kind" bank 1 || return
    "$@" "$swap" "$kind" bank 2 1000000 &
    writer=$!
    for reader in 1 2; do "$@" "$swap" read bank "$seconds" >"$work/reader$reader" 2>&1 & reader_id[reader]=$!; done
    status=0
    for reader in 1 2; do wait "${reader_id[reader]}" || status=1; done
    { kill -9 $writer; wait $writer; } 2>/dev/null
    cat "$work"/reader[12]
    [ $status = 0 ] && "$@" "$swap" read bank && write_waiting write 3 "$@" && only bank || return
    [ "$(sed 's/.*, \([0-9]*\) banks/\1/' "$work/reader1")" -gt 3 ] && return
    [ "$seconds" -lt 60 ] || say "the reader saw too few banks to prove anything" || return
    readers $((seconds * 4)) "$kind" "$@" # a slow disk, or a busy machine
}
declare -a reader_id

held() { # held SECONDS AS...: the lock of the bank is held in the background by $holder
    local seconds=$1
    shift
    : >"$work/held"
    "$@" "$swap" lock .bank.okng-lock "$seconds" >"$work/held" 2>&1 &
    holder=$!
    for _ in $(seq 200); do [ -s "$work/held" ] && break; sleep 0.02; done
    [ "$(cat "$work/held")" = held ] || say "cannot hold the lock: $(cat "$work/held")"
}
refused() { # refused TEXT AS...: a writer is refused, and says so
    local text=$1 status
    shift
    "$@" "$swap" write bank 9 2>"$work/refused"
    status=$?
    [ $status = 3 ] && grep -q "$text" "$work/refused" || say "exit $status, expected 3 and '$text': $(cat "$work/refused")"
}
end_holder() {
    { kill -9 $holder; wait $holder; } 2>/dev/null
    return 0
}

two_writers() { # two_writers AS...
    fresh && "$@" "$swap" write bank 1 && held 60 "$@" && refused "writing here" "$@"
    local status=$?
    end_holder
    [ $status = 0 ] && "$@" "$swap" write bank 2 && only bank
}

everything() { # everything NAME EVERY [SECONDS]: of a place
    local every=$2 seconds=${3:-1}
    [ $full = 1 ] && every=1
    check "$1: files of others beside a bank stay" files_of_others
    check "$1: killed before a call" kills $every write
    check "$1: an ensemble, killed before a call" kills $((every * 4)) write-ensemble
    check "$1: readers while a bank is replaced" readers "$seconds" write
    check "$1: two writers" two_writers
}
by_aside() { # the same where names cannot be exchanged
    local every=$2
    [ $full = 1 ] && every=1
    check "$1, no exchange: files of others beside a bank stay" files_of_others "${aside[@]}"
    check "$1, no exchange: killed before a call" kills $every write "${aside[@]}"
    check "$1, no exchange: an ensemble, killed before a call" kills $((every * 4)) write-ensemble "${aside[@]}"
    check "$1, no exchange: readers while a bank is replaced" readers 1 write "${aside[@]}"
    check "$1, no exchange: readers while an ensemble is replaced" readers 1 write-ensemble "${aside[@]}"
}

# ---- places without rights -------------------------------------------------------------------------------------------------------------

place_folder() {
    mkdir "$work/here"
    place=$work/here
    everything folder 5
    by_aside folder 5
    check "folder, kernel without renameat2: files of others beside a bank stay" files_of_others env LD_PRELOAD="$shim" OKNG_NO_EXCHANGE=38
}

place_shm() {
    [ -w /dev/shm ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ] || { skip "no tmpfs in /dev/shm"; return; }
    shm=$(mktemp -d /dev/shm/okng-test-XXXXXX)
    place=$shm
    everything tmpfs 1
    by_aside tmpfs 1
    check "tmpfs: readers while an ensemble is replaced" readers 1 write-ensemble
}

# Locks where flock does not work, or does not reach the other machine.
alone=(env LD_PRELOAD="$shim" OKNG_NO_FLOCK=37)
machine_a=(env LD_PRELOAD="$shim" OKNG_NO_FLOCK=0 OKNG_SHARED=1 OKNG_BOOT=aaaa)
machine_b=(env LD_PRELOAD="$shim" OKNG_NO_FLOCK=0 OKNG_SHARED=1 OKNG_BOOT=bbbb)
server=(env LD_PRELOAD="$shim" OKNG_BOOT=cccc) # sees a disk of its own, whose flock the others do not ask

without_flock() {
    two_writers "${alone[@]}" && fresh && held 60 "${alone[@]}" && refused "process $holder on" "${alone[@]}"
    local status=$?
    end_holder
    [ $status = 0 ] && "${alone[@]}" "$swap" write bank 2 && only bank
}

other_machine() {
    fresh && held 60 "${machine_a[@]}" && refused "process $holder on" "${machine_b[@]}" && refused "remove the file" "${machine_b[@]}" &&
        refused "process $holder on" "${server[@]}" && refused "process $holder on" "${machine_a[@]}"
    local status=$?
    end_holder
    # Its own machine knows that it is dead. No other does.
    [ $status = 0 ] && refused "remove the file" "${machine_b[@]}" && refused "remove the file" "${server[@]}" &&
        "${machine_a[@]}" "$swap" write bank 1 && only bank && "${machine_b[@]}" "$swap" write bank 2 && "${server[@]}" "$swap" write bank 3 && only bank
}

# A dead holder's lock is wanted by eight at once: never do two hold it.
one_of_many() {
    local round i count
    for round in $(seq "$([ $full = 1 ] && echo 50 || echo 8)"); do
        fresh && held 60 "$@" || return
        end_holder
        rm -f "$work"/taker*
        local takers=()
        for i in $(seq 8); do "$@" "$swap" lock .bank.okng-lock 300 >"$work/taker$i" 2>/dev/null & takers+=($!); done
        for i in $(seq 600); do # who is refused ends; who holds it goes on, so that "at once" is no matter of time
            [ "$(jobs -pr | grep -cFx "$(printf '%s\n' "${takers[@]}")")" -gt 1 ] || break
            sleep 0.05
        done
        count=$(cat "$work"/taker* | grep -c held)
        { kill -9 "${takers[@]}"; wait "${takers[@]}"; } 2>/dev/null
        [ "$count" -le 1 ] || say "round $round: $count of 8 held the lock at once" || return
    done
}

place_guards() {
    mkdir "$work/guards"
    place=$work/guards
    check "a file system without flock" without_flock
    check "the lock of another machine" other_machine
    check "one of many takes over, flock" one_of_many env
    check "one of many takes over, no flock" one_of_many "${alone[@]}"
    check "one of many takes over, flock of another machine's kind" one_of_many "${machine_a[@]}"
}

# The command itself: killed before a call, then `okng bank show` and the same build again.
build_killed() { # build_killed EVERY OPTIONS AS...
    local every=$1 options=$2 calls n
    shift 2
    fresh && "$build/tests/make_fixture" fixture >/dev/null && mkdir ok && cp fixture/ok/00[0-4].png ok && cd ok/.. || return
    local command=("$okng" build --ok-dir ok --out-dir bank --backbone resnet18 --weights fixture/resnet18.safetensors --layers layer1
        --resize 32 --crop none --threads 1 $options)
    "$@" "${command[@]}" && cp -r bank whole && echo mine >bank.lock && "$@" OKNG_CALLS="$work/calls" "${command[@]}" || return
    calls=$(cat "$work/calls")
    [ "$calls" -gt 15 ] || say "only $calls calls were counted" || return
    for ((n = calls; n >= 1; n -= every)); do
        { "$@" OKNG_KILL_AT=$n "${command[@]}"; } >/dev/null 2>&1
        "$@" "$okng" bank show bank >/dev/null && diff -r bank whole || say "killed before call $n of $calls" || return
        "$@" "${command[@]}" >/dev/null && diff -r bank whole && only bank bank.lock fixture ok whole || say "built after a kill before call $n" || return
    done
}

command_and_others() { # command_and_others AS...
    fresh && "$build/tests/make_fixture" fixture >/dev/null && mkdir poetry.old && echo mine | tee poetry.lock >poetry.old/notes.txt || return
    for n in 1 2; do
        "$@" "$okng" build --ok-dir fixture/ok --out-dir poetry --backbone resnet18 --weights fixture/resnet18.safetensors --layers layer1 \
            --resize 32 --crop none || return
    done
    only fixture poetry poetry.lock poetry.old && [ "$(cat poetry.lock poetry.old/notes.txt)" = "$(printf 'mine\nmine')" ]
}

place_build() {
    mkdir "$work/build"
    place=$work/build
    check "okng build leaves files of others beside a bank" command_and_others
    check "okng build, no exchange, leaves files of others beside a bank" command_and_others "${aside[@]}"
    local every
    every=$([ $full = 1 ] && echo 1 || echo 11)
    check "okng build, killed before a call" build_killed "$every" "" env LD_PRELOAD="$shim"
    check "okng build, no exchange, killed before a call" build_killed "$every" "" "${aside[@]}"
    check "okng build --trim, killed before a call" build_killed $((every * 2)) "--trim 1" env LD_PRELOAD="$shim"
}

# ---- places that root mounts -----------------------------------------------------------------------------------------------------------

is_root() {
    [ "$(id -u)" = 0 ] || { skip "$1 needs root, to mount"; return 1; }
}
needs() { # needs PLACE PROGRAM...
    local wanted=$1 program
    shift
    for program in "$@"; do command -v "$program" >/dev/null || { skip "$wanted needs $program"; return 1; }; done
}
disk() { # disk NAME MIB: an empty image
    truncate -s "$2M" "$work/$1.img" && mkdir -p "$work/$1"
}
mounts() { # mounts NAME COMMAND...: or says that it cannot be
    local name=$1
    shift
    if "$@" >"$work/mount.log" 2>&1; then
        mounted+=("$work/$name")
        place=$work/$name
        return 0
    fi
    skip "$name cannot be mounted here: $(tail -n 1 "$work/mount.log")"
    return 1
}
looped() { # looped NAME MIB MKFS...
    local name=$1 size=$2
    shift 2
    is_root "$name" && needs "$name" "$1" || return
    disk "$name" "$size" && "$@" "$work/$name.img" >"$work/mkfs.log" 2>&1 || { skip "$name: cannot make it: $(tail -n 1 "$work/mkfs.log")"; return 1; }
    mounts "$name" mount -o loop "$work/$name.img" "$work/$name"
}

# A bank that stepped aside opens where nobody can put it back.
read_only() {
    fresh && "$swap" write bank 1 && mv bank .bank.okng-old && cd / && mount -o remount,ro "$place" || return
    local got
    got=$(cd "$place/t" && "$swap" read bank)
    mount -o remount,rw "$place" && cd "$place/t" || return
    [ "${got%%:*}" = 1 ] && only .bank.okng-old && "$swap" read bank && only bank
}

# Power loss: what a second look at the disk finds right after each commit, without any unmount.
as_after_power_loss() {
    local n got
    fresh && "$swap" write bank 1 || return
    for n in 2 3 4 5; do
        "${@:-env}" "$swap" write bank $n && cp --sparse=always "$work/ext4.img" "$work/copy.img" && mkdir -p "$work/copy" &&
            mount -o loop "$work/copy.img" "$work/copy" || return
        got=$("$swap" read "$work/copy/t/bank")
        umount "$work/copy"
        [ "${got%%:*}" = $n ] || say "the disk has bank $got, expected $n" || return
    done
}

place_ext4() {
    looped ext4 64 mkfs.ext4 -q || return
    everything ext4 3
    by_aside ext4 3
    check "ext4: a reader of a read-only file system" read_only
    check "ext4: the disk after a power loss" as_after_power_loss
    check "ext4, no exchange: the disk after a power loss" as_after_power_loss "${aside[@]}"
}
place_xfs() { looped xfs 320 mkfs.xfs -q && everything xfs 5; }
place_btrfs() { looped btrfs 128 mkfs.btrfs -q && everything btrfs 5; }

# A bank in a lower layer, as of a container's image, cannot be renamed: it stays, and okng says why.
lower_layer() {
    cd "$place/image" && "$swap" read bank || return
    "$swap" write bank 2 2>"$work/lower" && { say "written to a lower layer" || return; }
    grep -q "lower layer" "$work/lower" || say "$(cat "$work/lower")" || return
    [ "$("$swap" read bank | cut -d: -f1)" = 1 ] && only bank
}
place_overlay() {
    is_root overlay || return
    mkdir -p "$work/overlay" "$work/layers"
    mount -t tmpfs tmpfs "$work/layers" || { skip "overlay: no tmpfs to lie on"; return; }
    mounted+=("$work/layers")
    mkdir -p "$work"/layers/{lower/image,upper,work} && (cd "$work/layers/lower/image" && "$swap" write bank 1)
    mounts overlay mount -t overlay overlay -o "lowerdir=$work/layers/lower,upperdir=$work/layers/upper,workdir=$work/layers/work" "$work/overlay" || return
    everything overlay 3
    check "overlay: a bank in a lower layer" lower_layer
}

# File systems in user space: no exchange of names, and locks that the kernel keeps for this machine alone.
place_fuse2fs() {
    is_root fuse2fs && needs fuse2fs fuse2fs mkfs.ext4 && disk fuse2fs 64 && mkfs.ext4 -q "$work/fuse2fs.img" &&
        mounts fuse2fs fuse2fs -o fakeroot,rw "$work/fuse2fs.img" "$work/fuse2fs" && everything fuse2fs 3
}
place_exfat() {
    is_root exfat && needs exfat mkfs.exfat && disk exfat 64 && mkfs.exfat "$work/exfat.img" >/dev/null || return
    if ! mount -t exfat -o loop "$work/exfat.img" "$work/exfat" 2>/dev/null; then
        needs exfat mount.exfat-fuse || return
        loop=$(losetup -f --show "$work/exfat.img") || { skip "exfat needs a loop device"; return; }
        mounts exfat mount.exfat-fuse "$loop" "$work/exfat" || return
    else
        mounted+=("$work/exfat")
        place=$work/exfat
    fi
    everything exfat 3 6
}
place_bindfs() {
    is_root bindfs && needs bindfs bindfs && mkdir -p "$work/below" "$work/bindfs" && mounts bindfs bindfs "$work/below" "$work/bindfs" && everything bindfs 3
}

# One folder in two mount namespaces, under two names, as two containers see it; and processes that cannot see each other's numbers.
other_namespace() { # other_namespace SECONDS AS...
    local seconds=$1
    shift
    mkdir -p "$work/seen"
    readers "$seconds" write "$@" unshare -m sh -c 'mount --bind "$1" "$2" && cd "$2/t" && shift 2 && exec "$@"' sh "$place" "$work/seen"
}
writer_in_container() {
    local inside=(unshare -mpf --mount-proc)
    fresh && held 60 "${inside[@]}" && refused "another okng" && refused "another okng" "${inside[@]}"
    local status=$?
    pkill -9 -P $holder
    end_holder
    [ $status = 0 ] && "$swap" write bank 1 && only bank || return
    # Where flock cannot tell, a process of another container may be alive whatever its number says.
    fresh && held 60 "${machine_a[@]}" "${inside[@]}" && refused "remove the file" "${machine_a[@]}"
    status=$?
    pkill -9 -P $holder
    end_holder
    [ $status = 0 ] && refused "remove the file" "${machine_a[@]}" && rm .bank.okng-lock && "${machine_a[@]}" "$swap" write bank 1 && only bank
}
place_namespaces() {
    is_root namespaces || return
    unshare -m true 2>/dev/null || { skip "no mount namespaces here"; return; }
    mkdir -p "$work/spaces"
    place=$work/spaces
    check "namespaces: readers while a bank is replaced" other_namespace 1 env
    check "namespaces, no exchange: readers while a bank is replaced" other_namespace 1 "${aside[@]}"
    check "namespaces: a writer in another container" writer_in_container
}

# An export on loopback, where the kernel has both ends.
place_nfs() {
    is_root nfs || return
    grep -qw nfsd /proc/filesystems && grep -qw nfs4 /proc/filesystems && command -v exportfs >/dev/null || { skip "this kernel has no NFS"; return; }
    mkdir -p "$work/export" "$work/nfs"
    exportfs -o rw,no_root_squash,insecure,fsid=42 "127.0.0.1:$work/export" || { skip "nothing can be exported here"; return; }
    mounts nfs mount -t nfs4 "127.0.0.1:$work/export" "$work/nfs" && everything nfs 3
    exportfs -u "127.0.0.1:$work/export"
}

for given in "${places[@]}"; do "place_$given"; done
echo "1..$number"
[ "$failures" -eq 0 ]
