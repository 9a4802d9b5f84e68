# needs: bank
# The files written do not depend on the number of threads.
for n in 1 2 5; do okng infer --bank-dir bank --img ok --out-dir "out$n" --save-map --threads $n --quiet; done
diff -r out1 out2 && diff -r out1 out5 && wc -l out1/results.csv
