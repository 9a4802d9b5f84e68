# A line for each thing that was measured, below a head.
okng bench network --size 64 --threads 1 --repeats 2 | sed -E 's/ +[0-9].*/ .../'
okng bench knn --rows 50 --dim 8 --k 2 --threads 1 --repeats 2 | cut -c 1-60
okng bench knn --rows 50 --dim 8 --threads 1 --repeats 2 --quiet
