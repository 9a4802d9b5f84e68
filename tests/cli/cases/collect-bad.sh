# What cannot be collected is named.
okng collect || echo "exit $?"
okng collect missing || echo "exit $?"
mkdir -p empty bad/tile
okng collect empty || echo "exit $?"
okng plot empty || echo "exit $?"
echo '{"okng_metrics": 1, "dataset": "d", "category": "tile", "method": "m", "experiment": "e", "metrics": {"image_auroc": "high"}}' >bad/tile/metrics.json
okng collect bad || echo "exit $?"
okng plot bad || echo "exit $?"
okng collect bad --out table.xls || echo "exit $?"
ls
