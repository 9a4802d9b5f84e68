# A line for each thing that was measured, below a head.
okng bench network --size 64 --threads 1 --repeats 2 | sed -E 's/ +[0-9].*/ .../'
okng bench gradient --backbone clip-tinyclip-8m-16 --size 64 --threads 1 --repeats 2 | sed -E '1d; s/, made weights.*/ .../'
okng bench knn --rows 50 --dim 8 --k 2 --threads 1 --repeats 2 | cut -c 1-60
okng bench knn --rows 50 --dim 8 --threads 1 --repeats 2 --quiet
# Beside busy processes too: the times of both.
okng bench coreset --rows 300 --dim 8 --coreset 0.1 --threads 2 --repeats 2 --loaded | sed -E 's/ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9.]+( !)?$/ .../; s/^(all of 1|1 of 1) .*/judged/'
okng bench network --size 32 --threads 1 --repeats 2 --loaded --json | grep -oE '"[a-z_0-9]+":' | tr -d '":' | paste -sd' '
okng bench knn --rows 50 --dim 8 --threads 1 --repeats 2 --loaded --quiet
