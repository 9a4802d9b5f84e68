# needs: bank
# No rebuild: given thresholds, and the one that bank show tells for a false-alarm rate.
okng infer --bank-dir bank --img ng/000.png --out-dir out --threshold-image 100 --threshold-pixel 1.5 --min-area 10 --open 1 --close 2
used=$(okng infer --bank-dir bank --img ng/000.png --out-dir told --false-alarm 0.05 --json | grep image_tau | tr -dc 0-9.)
told=$(okng bank show bank --json | grep -A 1 '"rate": 0.05' | tail -n 1 | tr -dc 0-9.)
echo "${used:0:7}" | grep -qF "${told:0:7}" && echo "the threshold that bank show tells is used"
okng infer --bank-dir bank --img ng/000.png --out-dir both --false-alarm 0.05 --threshold-image 50 --json | grep image_tau
