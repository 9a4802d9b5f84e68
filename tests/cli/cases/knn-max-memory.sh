# A bank that --max-memory does not hold is read part by part; the bytes are those of one that it holds.
rows() { # COUNT FIRST: so many rows of 2,000 numbers, whose bytes are digits
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1, 2000), }"
    seq "$2" 9999999 | head -c $(($1 * 8000))
}
rows 4000 1000000 >bank.npy
rows 3 2345678 >query.npy
for memory in 1G 45M; do
    okng knn --bank bank.npy --query query.npy --k 5 --out d-$memory.npy --indices i-$memory.npy --max-memory $memory --quiet
    echo "exit $?"
done
cmp d-1G.npy d-45M.npy && cmp i-1G.npy i-45M.npy && echo same
okng knn --bank bank.npy --query query.npy --k 5 --out d.npy --max-memory 1M --quiet
echo "exit $?"
okng knn --bank query.npy --query query.npy --k 5 --out d.npy --max-memory 1M --quiet
echo "exit $?"
truncate -s -1 bank.npy
okng knn --bank bank.npy --query query.npy --k 5 --out d.npy --quiet
echo "exit $?"
