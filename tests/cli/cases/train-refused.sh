# needs: mvtec
# needs: clip
# What training refuses, and that nothing is lost.
train() { okng train afclip --root mvtec --batch-size 6 --backbone clip-tinyclip-8m-16 --weights clip/tiny.safetensors --resolution 32 --max-steps 1 --quiet "$@"; }
cp -rL mvtec none && rm -rf none/*/ground_truth
train --root none --out x; echo "no mask: $?"
train --root mvtec/cloth --dataset folder --set data.normal=train/good --set data.normal_test=test/good --set data.abnormal=test/scratch --out x; echo "no masks at all: $?"
cp -rL mvtec good && rm -rf good/*/test/scratch good/*/ground_truth
train --root good --out x; echo "no NG: $?"
cp -rL mvtec size && printf 'P5 4 4 255\n0123456789abcdef' >size/cloth/ground_truth/scratch/000_mask.pgm && rm size/cloth/ground_truth/scratch/000_mask.png
train --root size --out x; echo "another size: $?"
train --out x --set training.learning_rate=1; echo "unknown key: $?"
printf 'training:\n  lr: 0.1\n  momentum: 0.9\n' >odd.yaml
train --out x --config odd.yaml; echo "unknown key of a file: $?"
train; echo "no folder: $?"
train --out x --resolution 40; echo "no multiple: $?"
train --out x --set model.taps=[1,2]; echo "taps: $?"
train --out x --batch-size 6 --set training.memory=1M --resolution 320; echo "memory: $?"
train --out x --lr 1e20 --max-steps 6; echo "not finite: $?"
train --out x --lr 1e4; echo "astray: $?"
ls x 2>/dev/null
train --out done --cache tokens && cp -r done kept
train --out done --lr 0.5; echo "another training: $?"
train --out done --root good; echo "other data: $?"
train --out other --cache tokens --resolution 48; echo "another's cache: $?"
train --out other --cache tokens --resolution 48 --set training.rebuild_cache=true; echo "rebuilt: $?"
mkdir mine && echo mine >mine/losses.csv
train --out mine; echo "somebody's folder: $?"
mkdir bank && echo '{}' >bank/bank_config.json
train --set training.out=bank; echo "a bank: $?"
mkdir strange && echo mine >strange/notes
train --out x --cache strange; echo "no cache: $?"
# a full disk: files of 200 KiB at most
(trap '' XFSZ && ulimit -f 200 && train --out done --max-steps 2); echo "full disk: $?"
diff -r done kept && train --out done --max-steps 2 && train --out whole --max-steps 2 && diff -r done whole && echo "went on"
(trap '' XFSZ && ulimit -f 30 && train --out new --resolution 128 --cache full); echo "full disk of a cache: $?"
ls full | wc -l
ls -A done mine strange full
