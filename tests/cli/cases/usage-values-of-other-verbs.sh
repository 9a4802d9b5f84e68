okng infer --bank-dir b --img i --out-dir o --false-alarm 2
echo "exit $?"
okng infer --bank-dir b --img i --out-dir o --threshold-image nan
echo "exit $?"
okng infer --bank-dir b --img i --out-dir o --open -1
echo "exit $?"
okng knn --bank b.npy --query q.npy --k 0 --out d.npy
echo "exit $?"
okng knn --bank b.npy --query q.npy --k many --out d.npy
echo "exit $?"
okng knn --bank b.npy --query q.npy --k 1 --out d.npy --distance angle
echo "exit $?"
