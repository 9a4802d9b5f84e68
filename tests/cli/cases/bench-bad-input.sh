# Each says what is wrong and where to look.
try() { "$@"; echo "exit $?"; }
try okng bench
try okng bench netwrk
try okng bench everything
try okng bench knn --in e.npy
try okng bench network --bank-dir bank
try okng bench network --size 0
try okng bench network --batch x
try okng bench knn --bank b.npy
try okng bench knn --bank b.npy --query q.npy
try okng bench coreset --in e.npy
try okng bench image --img none.png
try okng bench build --ok-dir none
try okng bench start --bank-dir none --img none.png
try okng bench network --backbone resnet19
try okng bench gradient --threads 1
try okng bench network --weights w.pth
try okng bench network --weights w.pth --backbone resnet18
