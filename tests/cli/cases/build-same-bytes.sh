# needs: fixture
# Threads do not show in the bank.
okng build --ok-dir ok --out-dir one "${small[@]}" --threads 1 --quiet
okng build --ok-dir ok --out-dir two "${small[@]}" --threads 2 --quiet
diff -r one two && ls one
