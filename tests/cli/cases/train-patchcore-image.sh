# needs: fixture
# docker/run.sh and what the image runs, with an engine that does on this machine what a container would: mounted folders, copies,
# other people's places.
here=$DOCS/../docker
export PATH=$PWD:$PATH
mkdir root && ln -s "$here/train.sh" okng-train && ln -s "$OKNG" okng
cat >engine <<'END'
#!/usr/bin/env bash
# run, create, start, cp and rm of an engine, in the folder root
root=$PWD/root
inside() { # the arguments with the paths of the container
    local word words=()
    for word in "$@"; do
        case $word in /data | /out | /weights/*) word=$root$word ;; esac
        words+=("$word")
    done
    XDG_CACHE_HOME=$root/cache okng-train "${words[@]}"
}
echo "engine $1" >&2
case $1 in
image) ;;
run)
    shift
    while [ "$1" != okng ]; do
        [ "$1" != -v ] || { at=${2#*:} && mkdir -p "$root" && ln -sfn "${2%%:*}" "$root/$(basename "${at%%:*}")" && shift; }
        [ "$1" != --user ] || shift
        shift
    done
    shift
    inside "$@"
    ;;
create)
    shift 2
    mkdir -p root/data root/out root/weights root/cache
    printf '%s\n' "$@" >root/words
    echo 17
    ;;
start) mapfile -t words <root/words && inside "${words[@]}" ;;
cp) cp -r "$(sed "s|^17:|$root|" <<<"$2")" "$(sed "s|^17:|$root|" <<<"$3")" ;;
rm) rm -r root ;;
esac
END
chmod +x engine
export OKNG_ENGINE=$PWD/engine OKNG_WEIGHTS=resnet18.safetensors
small="--backbone resnet18 --image-size 64 64 --coreset-ratio 0.1"
mkdir -p data/train && cp -r ok data/train/good
"$here/run.sh" data out part7 $small 2>&1 | grep -v -e '^okng: ' -e '^engine image' -e ^thresholds | sed "s/[0-9.]* MB/N MB/g; s|$PWD|.|g"
ls out out/part7 out/part7/bank
rm -rf root
"$here/run.sh" ok copied --copy $small 2>&1 | grep -v -e '^okng: ' -e ^thresholds | sed "s/[0-9.]* MB/N MB/g; s|$PWD|.|g"
cmp out/part7/bank/memory_bank.pt copied/model/bank/memory_bank.pt && echo "the same rows"
"$here/run.sh" data; echo "no folder for results: $?"
"$here/run.sh" nowhere out; echo "no pictures: $?"
