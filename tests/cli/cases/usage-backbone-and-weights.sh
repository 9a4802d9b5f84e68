mkdir ok
okng build --ok-dir ok --out-dir bank --weights w.pth
echo "exit $?"
okng build --ok-dir ok --out-dir bank --backbone resnet19
echo "exit $?"
okng build --ok-dir ok --out-dir bank --backbone resnet18
echo "exit $?"
okng embed --img a.png --out e.npy --preset paper
echo "exit $?"
ls
