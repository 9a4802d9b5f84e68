# needs: mvtec
# MVTec LOCO: figures of both kinds of anomalies, from masks of several values and defects_config.json. A made tree.
set=loco/box
mkdir -p $set/train $set/validation $set/test
cp -r mvtec/cloth/train/good $set/train/good
cp -r mvtec/cloth/train/good $set/validation/good
cp -r mvtec/cloth/test/good $set/test/good
kinds=(logical_anomalies structural_anomalies)
i=0
for picture in mvtec/cloth/test/[!g]*/*.png; do
    kind=${kinds[i % 2]} stem=$(printf %03d $i)
    defect=$(basename "$(dirname "$picture")") name=$(basename "$picture" .png)
    mkdir -p $set/test/$kind $set/ground_truth/$kind/$stem
    cp "$picture" $set/test/$kind/$stem.png
    cp mvtec/cloth/ground_truth/"$defect"/"${name}"_mask.png $set/ground_truth/$kind/$stem/000.png
    i=$((i + 1))
done
# a second defect in the first picture: 40 pixels of value 252 in its corner
read -r width height < <(od -An -tu1 -j16 -N8 $set/test/${kinds[0]}/000.png | awk '{print $3 * 256 + $4, $7 * 256 + $8}')
second=$set/ground_truth/${kinds[0]}/000/001.pgm
{ printf 'P5\n%d %d\n255\n' "$width" "$height"; head -c 40 /dev/zero | tr '\0' '\374'; head -c $((width * height - 40)) /dev/zero; } >$second
config() { printf '[{"defect_name":"spot","pixel_value":255,"saturation_threshold":%s,"relative_saturation":%s}%s]\n' "$1" "$2" "${3-}" >$set/defects_config.json; }
measure() { okng eval --dataset mvtec-loco --root loco "${small[@]}" --latency-runs 0 --examples 0 --quiet --out "$1" >/dev/null && grep -oE '"(spro|image_auroc)_[a-z0-9_]*": [^,]*' "$1"/mvtec-loco/patchcore/default/box/metrics.json; }
okng data show --dataset mvtec-loco --root loco
measure missing
config 0.5 true
measure unknown
config 0.5 true ',{"defect_name":"none","pixel_value":252,"saturation_threshold":30,"relative_saturation":false}'
measure both
config 7 false ',{"defect_name":"none","pixel_value":252,"saturation_threshold":3000,"relative_saturation":false}'
measure pixels
printf '[{"pixel_value":255,"saturation_threshold":1.5,"relative_saturation":false}]' >$set/defects_config.json
measure bad
# one mask, one defect: other values are not a second one
{ printf 'P5\n%d %d\n255\n' "$width" "$height"; head -c 40 /dev/zero | tr '\0' '\374'; head -c $((width * height - 40)) /dev/zero | tr '\0' '\1'; } >$second
config 0.5 true
measure values
exit 0
