# needs: fixture
# bf16 and int8: refused in words where the CPU lacks the instructions; where it has them the same bytes for any number
# of threads, and a bank that is inspected in its own precision.
small=(--ok-dir ok --backbone resnet18 --weights resnet18.safetensors --resize 64x64 --quiet)
for precision in bf16 int8; do
    ONEDNN_MAX_CPU_ISA=AVX2 okng build "${small[@]}" --precision "$precision" --out-dir refused
    echo "exit $?"
    [ -e refused ] && echo "a bank was left"
    if okng build "${small[@]}" --precision "$precision" --threads 1 --out-dir one 2>why; then
        okng build "${small[@]}" --precision "$precision" --threads 2 --out-dir two
        cmp one/memory_bank.pt two/memory_bank.pt
        cmp one/bank_config.json two/bank_config.json
        okng bank show one | grep -q "^    precision  *$precision" || echo "the precision is not in the bank"
        ONEDNN_MAX_CPU_ISA=AVX2 okng infer --img ng/000.png --bank-dir one --out-dir none --quiet >why 2>&1
        grep -q "precision $precision: this CPU has no" why || cat why
        okng infer --img ng/000.png --bank-dir one --out-dir a --threads 1 --save-map --quiet
        okng infer --img ng/000.png --bank-dir one --out-dir b --threads 2 --save-map --quiet
        find a -name map.npy | while read -r map; do cmp "$map" "b${map#a}"; done
        [ -n "$(find a -name map.npy)" ] || echo "no map"
    else
        grep -q "this CPU has no" why || cat why
    fi
    rm -rf one two a b
done
# Before a picture is read, or anything is timed.
mkdir broken
for i in 1 2 3 4 5 6 7 8; do echo "no picture" >broken/$i.png; done
for line in 'build --ok-dir broken --out-dir refused' 'advise --ok-dir broken' 'embed --img broken/1.png --out none.npy' \
    'eval --root nowhere' 'bench network --repeats 1'; do
    # shellcheck disable=SC2086
    ONEDNN_MAX_CPU_ISA=AVX2 okng $line --precision int8 --quiet 2>&1 | grep -o "int8: this CPU has no VNNI instructions"
done
