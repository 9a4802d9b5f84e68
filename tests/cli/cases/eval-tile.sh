# needs: shared data/mvtec_like/tile
# needs: shared weights/resnet18-imagenet-to-layer3.pth
# Real pictures: the figures that tools/evaluate.py computes with scikit-learn from the same scores and maps.
okng eval --root "$SHARED/data/mvtec_like" --category tile --backbone resnet18 \
    --weights "$SHARED/weights/resnet18-imagenet-to-layer3.pth" --coreset 0.02 --latency-runs 0 --examples 0 |
    tail -n +2 | awk '/^tile/ {print $1, ($2 > 0.932 && $2 < 0.934), ($5 > 0.966 && $5 < 0.967)}'
