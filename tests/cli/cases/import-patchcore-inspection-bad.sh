# needs: fixture
# What cannot be imported is told by the name of its file, and what is there stays.
golden=$(dirname "$DOCS")/tests/golden
model=(--weights resnet18.safetensors --resize 72)
cp -r "$golden/import/single" "$golden/import/ensemble" .
try() { okng import patchcore-inspection "$@"; echo "exit $?"; }
try nowhere --out-dir bank "${model[@]}"
mkdir empty
try empty --out-dir bank "${model[@]}"
try single --out-dir bank --resize 72
try single --out-dir bank --weights resnet18.safetensors --resize 32
try single --out-dir ok "${model[@]}"
ls ok | wc -l
printf '\x80\x04}(\x8c\x0dbackbone.name\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85Ru.' >single/patchcore_params.pkl
try single --out-dir bank "${model[@]}"
rm ensemble/Ensemble-1-2_patchcore_params.pkl
try ensemble --out-dir bank "${model[@]}"
cp "$golden/import/single/patchcore_params.pkl" single
head -c 1000 "$golden/import/single/nnscorer_search_index.faiss" >single/nnscorer_search_index.faiss
try single --out-dir bank "${model[@]}"
cp "$golden/import/ip.faiss" single/nnscorer_search_index.faiss
try single --out-dir bank "${model[@]}"
rm single/nnscorer_search_index.faiss
try single --out-dir bank "${model[@]}"
cp "$golden/import/single/nnscorer_search_index.faiss" single
try single --out-dir bank --weights nowhere.pth --resize 72
ls
