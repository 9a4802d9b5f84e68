# needs: bank
okng bank show bank --json
okng bank show bank --quiet
