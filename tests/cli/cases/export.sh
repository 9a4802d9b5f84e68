# needs: bank
# A bank goes out as one graph that agrees with okng; a model of the same name is replaced, and others in the folder stay.
agreed() { sed -E 's/(at most|in) [0-9.e-]+( of|  ?s)/\1 N\2/; s/in [0-9.]+ s$/in N s/; s/[0-9.]+ MB/N MB/g'; }
okng export --bank-dir bank --out model --verify 2 | agreed
okng export --bank-dir bank --out model --name part --precision fp16 --input uint8 --dynamic-batch --quiet
okng export --bank bank --out model --name part --img ng --verify 1 --samples samples --json | tr -d ' \n' | grep -oE '"(file|opset|height|agrees|pictures|labels)":[^,}]*'
ls model samples/0
okng export --bank-dir bank --out model --name turned --resize-inside any --verify 1 --img ng | grep -o 'limit.*'
okng export --bank-dir bank --out model --name turned --resize-inside 72x80 --verify 1 --img ng | grep -o 'limit.*'
okng export --bank-dir bank --out deep/er --threshold-image 3.5 --quiet
grep -ao 'okng.image_threshold..3.5' deep/er/bank.onnx | tail -c 4
okng pack --bank-dir bank --out frozen.okng --quiet
okng export --bank-dir frozen.okng --out frozen --quiet
ls frozen
