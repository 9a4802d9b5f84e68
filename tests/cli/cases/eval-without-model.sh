# needs: mvtec
# A pretrained model that is not there: a warning, then it is learnt.
okng eval --root mvtec --category cloth "${small[@]}" --pretrained nowhere --latency-runs 0 --examples 0
echo "exit $?"
