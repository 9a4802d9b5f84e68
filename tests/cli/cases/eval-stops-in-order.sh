# needs: mvtec
# SIGINT: exit code 130, no lock left, what was finished stays.
cp -r mvtec/ data
for i in $(seq 300); do cp data/weave/test/good/000.png "data/weave/test/good/more$i.png"; done
"$OKNG" eval --root data "${small[@]}" --latency-runs 0 --examples 0 --threads 1 &
for i in $(seq 400); do
    [ -e results/mvtec/patchcore/default/weave/bank/tau.json ] && break
    sleep 0.02
done
kill -INT $!
wait $!
echo "exit $?"
ls -A results/mvtec/patchcore/default
