# needs: fixture
okng build --ok-dir ok --out-dir bank "${small[@]}"
okng build --ok-dir ok --out-dir bank "${small[@]}" --quiet
okng build --ok-dir ok --out-dir bank "${small[@]}" --json
ls bank
