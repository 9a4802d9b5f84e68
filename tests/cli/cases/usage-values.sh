# Values that no option takes: one line says what was found and what is expected.
try() {
    okng build --ok-dir ok --out-dir bank --backbone resnet18 --weights w.pth "$@"
    echo "exit $?: $*"
}
try --coreset 1.5
try --coreset -0.1
try --coreset ten
try --coreset-size -1
try --resize 0
try --resize 256x
try --resize 1000000
try --crop big
try --layers layer2 layer3 "layer 4;"
try --mean 0.5 0.5
try --std 0,0,0
try --interpolation lanczos
try --precision fp16
try --convolution fast
try --patch-size 4
try --stride 0
try --sampler best
try --projection 0.5
try --start -5
try --neighbors 0
try --image-score median
try --smoothing -1
try --pixel-pct 99.5
try --calibration none
try --max-memory plenty
try --threads -1
try --seed x
try --preset mine
