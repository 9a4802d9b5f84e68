# needs: fixture
okng preprocess --img ng/000.png --out t.npy --resize 64x64
okng embed --img ng/000.png --out e.npy "${small[@]}"
okng coreset --in e.npy --out i.npy --coreset 0.25
okng coreset --in e.npy --out all.npy --sampler identity --json
okng knn --bank e.npy --query e.npy --k 2 --out d.npy --indices n.npy
okng knn --bank e.npy --query e.npy --k 2 --out s.npy --distance squared --quiet
ls
