# needs: bank
# What is measured differs; what it is called does not.
shape() { sed -E 's/: [0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?/: N/'; }
parts() { grep -E '"(stage|part|repeats|threads|precision)"' | tr -d '\n' | sed 's/"stage"/\n&/g; s/ \+/ /g'; echo; }
okng bench network --size 64 --batch 2 --threads 1 --repeats 2 --json | shape
okng embed --img ng/000.png --out e.npy "${small[@]}" --quiet
okng bench knn --bank e.npy --query e.npy --k 2 --threads 1 --repeats 2 --json | shape
okng bench coreset --in e.npy --coreset 0.1 --projection none --start 0 --threads 1 --repeats 2 --json | shape
okng bench image --img ng/000.png --threads 1 --repeats 2 --json | parts
okng bench build --ok-dir ok "${small[@]}" --threads 1 --repeats 1 --json | parts
okng bench start --bank-dir bank --img ng/000.png --threads 1 --repeats 2 --json | parts
okng bench bank --bank-dir bank --img ng --threads 1 --repeats 2 --json | parts
