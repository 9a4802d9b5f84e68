okng help knn && okng help knn | cmp - <(okng knn --help) && okng build --coreset 0.1 --help | sed -n 1p
okng bank --help | sed -n 1p
