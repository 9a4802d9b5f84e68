# needs: release
# needs: mvtec
# needs: clip
# SIGINT in the middle: exit code 130, all is saved, and it is said how to go on.
train() { okng train afclip --root mvtec --batch-size 5 --backbone clip-tinyclip-8m-16 --weights clip/tiny.safetensors --resolution 32 --checkpoint-every 1 --out out "$@"; }
set -m # else what runs in the background ignores SIGINT
train --max-steps 100000 --epochs 100000 2>said &
until [ -e out/checkpoint.json ]; do sleep 0.05; done
kill -INT -- -$!
wait $!
echo "exit code $?"
grep -E 'saved|interrupted' said | sed -E 's/step [0-9]+/step N/'
step=$(sed -nE 's/.*behind step ([0-9]+);.*/\1/p' said)
[ "$(tail -n 1 out/losses.csv | cut -d, -f 1)" = "$step" ] && echo "losses up to that step"
