# What bash offers for a command line that ends in the last word.
okng --write-pages pages
source pages/completions/okng
touch part.png parts
offer() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _okng 2>&1
    echo "${*:2} -> $(printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd " ")"
}
offer okng bu
offer okng bank ''
offer okng weights s
offer okng weights get resnet1
offer okng weights get clip-v
offer okng build --samp
offer okng build --sampler gr
offer okng build --sampler = k
offer okng build --calibration ''
offer okng build --ok-dir pa
offer okng build --coreset ''
offer okng bank show par
offer okng bank show --js
offer okng infer --img part.png --thr
