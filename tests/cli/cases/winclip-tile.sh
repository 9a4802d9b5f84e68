# needs: clip
# needs: shared data/mvtec_like/tile
# Real pictures with made weights, by words alone: of what is said nothing but that all of it is there.
okng eval --root "$SHARED/data/mvtec_like" --category tile --method winclip "${clip[@]}" --max-test-samples 4 --latency-runs 0 --examples 1 |
    tail -n +2 | awk '/^tile/ {print $1, NF, ($2 >= 0 && $2 <= 1), ($5 >= 0 && $5 <= 1), $(NF - 2), $(NF - 1)}'
grep -c '"by": "words"' results/mvtec/winclip/default/tile/scores.json
