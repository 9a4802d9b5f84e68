# An option that a verb does not read is wrong there, and who reads it is said; nothing is done.
try() {
    okng "$@"
    echo "exit $?: $*"
}
try build --ok-dir ok --out-dir bank --threshold-image 3
try build --ok-dir ok --out-dir bank --validation 0.1
try infer --bank-dir bank --img a.png --out-dir out --seed 3
try infer --bank-dir bank --img a.png --out-dir out --coreset 0.1
try demo --threshold-image 3
try demo --k-shot 3
try data show --root data --threads 3
try data show --root data --backbone resnet18
try data show --root data --cpu c
try eval --root data --open 3
try run --config a.yaml --seed 3
try run --config a.yaml --threads 3
try collect results --threads 3
try plot results --seed 3
try metrics --scores s.csv --seed 3
try metrics --scores s.csv --root data
try bench knn --backbone resnet18
try bench ceiling --seed 3
try bench network --coreset 0.1
try bench coreset --resize 64
try bench image --layers layer1
try bench start --bank-dir bank --backbone resnet18
try bench bank --bank-dir bank --coreset 0.1
try bench all --threshold-image 3
try bank show bank --threads 3
try import patchcore-inspection model --out-dir bank --seed 3
try import anomalib model.ckpt --out-dir bank --coreset 0.1
try weights show a.pth --threads 3
try weights list --seed 3
try weights get resnet18 --threads 3
try preprocess --img a.png --out t.npy --backbone nonsense
try preprocess --img a.png --out t.npy --patch-size 5
try preprocess --img a.png --out t.npy --seed 7
try preprocess --img a.png --out t.npy --threads 2
try embed --img a.png --out e.npy --seed 7
try embed --img a.png --out e.npy --coreset 0.1
try coreset --in e.npy --out i.npy --resize 64
try coreset --in e.npy --out i.npy --max-memory 4G
try knn --bank b.npy --query q.npy --k 1 --out d.npy --seed 3
try knn --bank b.npy --query q.npy --k 1 --out d.npy --neighbors 3
ls
