# needs: fixture
# Two outputs are two files, whatever they are called.
okng embed --img ok/000.png --out e.npy "${small[@]}" --quiet
mkdir here && ln -s . here/here
try() {
    okng knn --bank e.npy --query e.npy --k 1 --quiet "$@"
    echo "exit $?"
}
try --out k.npy --indices k.npy
try --out k.npy --indices ./here/../k.npy
try --out "here/here/k.npy" --indices here/k.npy
echo old >k.npy && ln -s k.npy i.npy
try --out k.npy --indices i.npy
cat k.npy && ls here
rm i.npy
try --out k.npy --indices i.npy
try --out here/k.npy --indices k.npy
