# needs: fixture
okng embed --img ng/000.png --out e.npy "${small[@]}" --quiet
try() {
    okng "$@"
    echo "exit $?"
}
try preprocess --img nowhere.png --out t.npy
try preprocess --img ng/000.png --out t.npy --resize 64 --crop 100
try preprocess --img ng/000.png --out nowhere/t.npy
try embed --img ng/000.png --out e2.npy "${small[@]}" --layers layer4
try knn --bank e.npy --query e.npy --k 65 --out d.npy
try knn --bank nowhere.npy --query e.npy --k 1 --out d.npy
echo text >text.npy && try knn --bank text.npy --query e.npy --k 1 --out d.npy
head -c 5000 e.npy >cut.npy && try knn --bank e.npy --query cut.npy --k 1 --out d.npy
: >zero.npy && try coreset --in zero.npy --out i.npy
okng coreset --in e.npy --out i.npy --coreset 0.1 --quiet
try coreset --in i.npy --out j.npy
try knn --bank i.npy --query e.npy --k 1 --out d.npy
try coreset --in e.npy --out j.npy --start 64
try coreset --in e.npy --out j.npy --coreset-size 1000
ls
