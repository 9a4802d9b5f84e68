#!/bin/sh
# What the image runs: okng train patchcore, with the weights of its network fetched first where they are not in /cache. Arguments are
# its options (docs/cli.md); without --data-dir and --output they are /data and /out.
set -eu
backbone=wide_resnet50_2 data=no output=no weights=no
previous=
for word in "$@"; do
    case $word in
    --data-dir | --data-dir=* | --data_dir*) data=yes ;;
    --output | --output=*) output=yes ;;
    --weights | --weights=*) weights=yes ;;
    --backbone=*) backbone=${word#*=} ;;
    --help | -h) exec okng train patchcore --help ;;
    esac
    [ "$previous" != --backbone ] || backbone=$word
    previous=$word
done
[ "$data" = yes ] || set -- --data-dir /data "$@"
[ "$output" = yes ] || set -- --output /out "$@"
# It says what is missing where there is no network either, and the training says so once more.
[ "$weights" = yes ] || [ "$backbone" = okng-s ] || okng weights get "$backbone" --quiet >&2 || true
exec okng train patchcore "$@"
