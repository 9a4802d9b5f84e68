# needs: bank
# needs: clip
# needs: onnxruntime
# Banks that oneDNN built, run by onnxruntime: the network alone, and the whole as one graph; each finds what oneDNN finds.
scores() { cut -d, -f1-3 "$1/results.csv"; }
run() { # run BANK OUT OPTION...: the pictures with it
    local bank=$1 out=$2
    shift 2
    okng infer --bank-dir "$bank" --img ng ok/000.png --out-dir "$out" --quiet "$@" && scores "$out"
}
near() { # near FILE FILE: the scores, within 1e-5 of themselves, and the verdicts
    paste -d, "$1" "$2" | awk -F, 'NR > 1 && (($2 - $5) ^ 2 > (1e-5 * $2) ^ 2 || $3 != $6) { bad = 1 } END { print NR == 3 && !bad ? "the same" : "another" }'
}
export OKNG_ONNXRUNTIME=$ONNXRUNTIME
for method in subspace winclip miniclip; do
    words=(--class-name nut --k-shot 2)
    [ $method = miniclip ] && words=(--checkpoint clip/afclip --k-shot 2)
    [ $method = subspace ] && words=(--resize 64x64)
    [ $method = subspace ] || words+=("${clip[@]}")
    okng build --method $method --ok-dir ok "${words[@]}" --out-dir $method --quiet
done
for name in bank subspace winclip miniclip; do
    echo "$name"
    run $name $name-cpu >cpu
    run $name $name-network --device onnxruntime:cpu --threads 2 >network
    run $name $name-whole --device onnxruntime --whole --threads 2 >whole
    near cpu network && near cpu whole
done
# built by it as well, and by each of both read
okng build --ok-dir ok --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --device onnxruntime --out-dir built --quiet
okng bank show built | grep -E '^ +(engine|device) ' | sed 's/1\.[0-9.]*$/1.N/'
run built built-own
run built built-cpu --device cpu
okng infer --method winclip --class-name nut "${clip[@]}" --device onnxruntime --img ng --out-dir made --threshold-image 0.5 --quiet && scores made
# what is refused
okng infer --bank-dir bank --img ng --whole --quiet --out-dir none
okng infer --bank-dir bank --img ng --device onnxruntime:openvino --quiet --out-dir none
okng infer --bank-dir bank --img ng --device onnxruntime:npu --quiet --out-dir none
okng infer --bank-dir bank --img ng --device onnxruntime --cpu c --quiet --out-dir none
okng build --ok-dir ok --resize 64x64 --device onnxruntime --precision bf16 --quiet --out-dir none
okng infer --method winclip --class-name nut "${clip[@]}" --whole --img ng
OKNG_ONNXRUNTIME=/nowhere okng infer --bank-dir bank --img ng --device onnxruntime --quiet --out-dir none
OKNG_ONNXRUNTIME=ng/000.png okng build --ok-dir ok --resize 64x64 --device onnxruntime --quiet --out-dir none
[ -e none ] && echo "something was left"
exit 0
