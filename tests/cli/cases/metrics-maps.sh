# Pixel metrics of maps and masks.
pgm() { # pgm WIDTH HEIGHT BRIGHT BYTES: a grey picture, bright in so many bytes from its first on
    printf 'P5\n%d %d\n255\n' "$1" "$2"
    head -c "$4" /dev/zero | tr '\0' "$3"
    head -c $(($1 * $2 - $4)) /dev/zero
}
npy() { # npy SHAPE: an array of the float32 that come in
    printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1), }"
    cat
}
mkdir -p maps/crack maps/good masks/crack
# 1.0 is 00 00 80 3f, 2.0 00 00 00 40, 0.5 00 00 00 3f, NaN 00 00 c0 7f
{ printf '\0\0\0\x40\0\0\x80\x3f\0\0\0\x3f'; printf '\0\0\x80\x3f\0\0\0\x3f\0\0\0\x3f'; } | npy '2, 3' >maps/crack/000.npy
{ printf '\0\0\0\x3f\0\0\x80\x3f\0\0\xc0\x7f'; printf '\0\0\0\x3f\0\0\0\x3f\0\0\0\x3f'; } | npy '2, 3' >maps/good/000.npy
pgm 3 2 '\377' 2 >masks/crack/000_mask.png
okng metrics --maps maps --masks masks
okng metrics --maps maps --masks masks --json
okng metrics --maps maps --masks masks --json --threads 1 >one.json
okng metrics --maps maps --masks masks --json --threads 3 | cmp - one.json
echo "numbers of classes"
pgm 3 2 '\1' 2 >masks/crack/000_mask.png
okng metrics --maps maps --masks masks --json | cmp - one.json
mv masks/crack/000_mask.png masks/crack/000.png
okng metrics --maps maps --masks masks --json | cmp - one.json
echo "another ending, and a folder of masks"
mv masks/crack/000.png masks/crack/000.PNG
okng metrics --maps maps --masks masks --json | cmp - one.json
mkdir masks/crack/000
pgm 3 2 '\1' 1 >masks/crack/000/left.pgm
mv masks/crack/000.PNG masks/crack/000/both.png
okng metrics --maps maps --masks masks --json | cmp - one.json
rm -r masks/crack/000
pgm 3 2 '\1' 2 >masks/crack/000.png
echo "steps"
okng metrics --maps maps --masks masks --pro-mode steps
echo "only good"
okng metrics --maps maps/good --masks maps/good
echo "scores too"
printf 'score,label\n1,0\n2,1\n' >s.csv
okng metrics --scores s.csv --maps maps --masks masks --json
try() {
    okng metrics "$@"
    echo "exit $?"
}
try --maps nowhere --masks masks
try --maps maps --masks nowhere
try --maps masks --masks masks
try --maps maps/crack --masks masks
pgm 2 3 '\377' 2 >masks/crack/000.png && try --maps maps --masks masks
echo text >masks/crack/000.png && try --maps maps --masks masks
rm masks/crack/000.png
echo text >maps/good/001.npy && try --maps maps --masks masks
head -c 140 maps/good/000.npy >maps/good/001.npy && try --maps maps --masks masks
printf 'abcd' | npy '1, 1' | sed 's/<f4/<i4/' >maps/good/001.npy && try --maps maps --masks masks
printf 'abcd' | npy '1,' >maps/good/001.npy && try --maps maps --masks masks
printf 'abcdabcd' | npy '2, 1, 1' >maps/good/001.npy && try --maps maps --masks masks
