okng build --backbone resnet18 --weights w.pth --out-dir bank
echo "exit $?"
okng build --ok-dir
echo "exit $?"
okng build --ok-dir --out-dir bank
echo "exit $?"
okng build --ok-dir= --out-dir bank
echo "exit $?"
okng build --coreset --seed 3
echo "exit $?"
okng infer --bank-dir bank
echo "exit $?"
okng bank show
echo "exit $?"
okng weights get
echo "exit $?"
okng knn --bank b.npy --query q.npy --out d.npy
echo "exit $?"
okng infer --strict=yes
echo "exit $?"
