# A tensor of a type that okng does not read is listed, and is no reason to refuse a file.
header='{"conv1.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"scale":{"dtype":"F8_E8M0","shape":[8],"data_offsets":[8,16]}}      '
printf "\\x$(printf %02x ${#header})\0\0\0\0\0\0\0%s0123456789abcdef" "$header" > w.safetensors
okng weights show w.safetensors
okng weights show w.safetensors --json
