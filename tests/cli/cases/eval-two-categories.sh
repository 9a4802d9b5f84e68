# needs: mvtec
# The whole of an experiment: the table, and what is left on disk.
okng eval --root mvtec "${small[@]}" --latency-runs 1 --examples 2 --save-maps
find results | sort
echo "exit $?"
