# docs/cli.md is true: every verb and option that the command knows is in it, and no other.
verbs=("build" "infer" "advise" "demo" "data show" "eval" "run" "train afclip" "train patchcore" "collect" "plot" "metrics" "bench" "tune" "bank show" "bank set" "bank add" "bank merge" "bank shrink" "bank create" "bank diff" "bank rename-weights" "route" "export" "pack" "serve" "log list" "log changes" "log stats" "log judge" "log export" "log check" "line" "import patchcore-inspection" "import anomalib" "import afclip" "weights show" "weights list" "weights get" "preprocess" "embed" "text-embed" "similarity" "tokenize" "coreset" "knn")
okng help | grep -E '^  [a-z]' | sed 's/^  //; s/  .*//' | cmp - <(printf '%s\n' "${verbs[@]}")
for verb in "${verbs[@]}"; do
    grep -q "^## okng $verb\$" "$DOCS/cli.md" || echo "no section: okng $verb"
    okng $verb --help | grep -oE '^  --[a-z0-9-]+' | tr -d ' '
done | sort -u >options
while read -r option; do
    grep -qE -- "\`$option[ \`]" "$DOCS/cli.md" || echo "not in docs/cli.md: $option"
done <options
grep -oE -- '--[a-z][a-z0-9-]+' "$DOCS/cli.md" | sort -u | grep -vxFf options | grep -vxE -- '--version'
true
# The other pages name no option that is not there.
for page in coming-from.md clip.md tutorial.md tutorial.ko.md ../README.md ../README.ko.md; do
    grep -oE -- '--[a-z][a-z0-9-]+' "$DOCS/$page" | sort -u | grep -vxFf options | grep -vxE -- '--version|--copy|--install|--cflags|--libs' | sed "s|^|$page: |"
done
true
