# needs: bank
okng bank show bank
