# needs: fixture
# Outlines of labelme, COCO and YOLO are masks of the same defect: the same figures of pixels.
i=0
mkdir -p labelme coco yolo/images yolo/labels
read -r width height < <(od -An -tu1 -j16 -N8 ng/000.png | awk '{print $3 * 256 + $4, $7 * 256 + $8}')
for set in labelme coco yolo/images; do cp ok/*.png $set; cp ng/000.png $set/bad.png; done
x1=$((width / 4)) x2=$((width / 2)) y1=$((height / 4)) y2=$((height / 2))
printf '{"shapes":[{"label":"spot","points":[[%d,%d],[%d,%d]],"shape_type":"rectangle"}],"imageWidth":%d,"imageHeight":%d}' $x1 $y1 $x2 $y2 "$width" "$height" >labelme/bad.json
images=$(for picture in coco/*.png; do printf '{"id":%d,"file_name":"%s"},' $((++i)) "$(basename "$picture")"; [[ $picture = */bad.png ]] && echo $i >id; done)
printf '{"images":[%s],"annotations":[{"image_id":%d,"category_id":1,"segmentation":[[%d,%d,%d,%d,%d,%d,%d,%d]]}],"categories":[{"id":1,"name":"spot"}]}' \
    "${images%,}" "$(cat id)" $x1 $y1 $x2 $y1 $x2 $y2 $x1 $y2 >coco/parts.json
awk "BEGIN { print 0, $x1 / $width, $y1 / $height, $x2 / $width, $y1 / $height, $x2 / $width, $y2 / $height, $x1 / $width, $y2 / $height }" >yolo/labels/bad.txt
for set in labelme coco yolo; do
    okng data show --dataset $set --root $set | tail -n 1
    okng eval --dataset $set --root $set "${small[@]}" --latency-runs 0 --examples 1 --quiet
    grep -oE '"(pixel_auroc|aupro_30)": [^,]*' results/$set/patchcore/default/$set/metrics.json >$set.figures
    [ -s $set.figures ] && cmp labelme.figures $set.figures && find results/$set -path '*truth*' -name '*.png'
done
printf '{"shapes":[{"points":[[1,1],[2,2],[%d,3]]}]}' $((width + 9)) >labelme/bad.json
okng eval --dataset labelme --root labelme "${small[@]}" --latency-runs 0 --quiet --name beside || echo "exit $?"
