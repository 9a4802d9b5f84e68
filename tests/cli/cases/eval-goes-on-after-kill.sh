# needs: mvtec
# kill -9 while the second category is worked on: a second start passes over the first and does the second.
cp -r mvtec/ data
for i in $(seq 300); do cp data/weave/test/good/000.png "data/weave/test/good/more$i.png"; done
experiment=(--root data "${small[@]}" --latency-runs 0 --examples 0 --threads 1)
"$OKNG" eval "${experiment[@]}" &
for i in $(seq 400); do
    [ -e results/mvtec/patchcore/default/weave/bank/tau.json ] && [ ! -e results/mvtec/patchcore/default/weave/.bank.okng-lock ] && break
    sleep 0.02
done
{
    kill -9 $!
    wait $!
} 2>/dev/null
echo "exit $?"
ls results/mvtec/patchcore/default
ls results/mvtec/patchcore/default/weave
cut -d, -f1 results/mvtec/patchcore/default/summary_metrics.csv
inode=$(stat -c %i results/mvtec/patchcore/default/cloth/metrics.json)
okng eval "${experiment[@]}"
echo "exit $?"
[ "$inode" = "$(stat -c %i results/mvtec/patchcore/default/cloth/metrics.json)" ] && echo "cloth is as it was"
cut -d, -f1 results/mvtec/patchcore/default/summary_metrics.csv
ls -A results/mvtec/patchcore/default
