# needs: mvtec
# A folder belongs to one configuration; --name and --force are the ways out, categories and threads are no part of it.
quick=(--root mvtec "${small[@]}" --latency-runs 0 --examples 0 --quiet)
okng eval "${quick[@]}" --category cloth
okng eval "${quick[@]}" --threads 1 && ls -d results/mvtec/patchcore/default/*/
okng eval "${quick[@]}" --category cloth --coreset 0.5
echo "exit $?"
okng eval "${quick[@]}" --category cloth --coreset 0.5 --name half && ls results/mvtec/patchcore
okng eval "${quick[@]}" --category cloth --coreset 0.5 --force && cut -d, -f1 results/mvtec/patchcore/default/summary_metrics.csv
