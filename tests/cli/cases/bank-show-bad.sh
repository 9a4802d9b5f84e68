# needs: bank
okng bank show nowhere
echo "exit $?"
okng bank show .
echo "exit $?"
cp -r bank/ notau && rm notau/tau.json
okng bank show notau
echo "exit $?"
