# needs: fixture
try() {
    cp ok/000.png ok/001.png "$1"
    okng build --ok-dir "$1" --out-dir bank "${small[@]}"
    echo "exit $?"
    rm -r "$1"
}
mkdir text && echo "not a picture" >text/a.png && try text
mkdir zero && : >zero/a.png && try zero
mkdir cut && head -c 6000 ok/000.png >cut/a.png && try cut
mkdir huge && printf 'P6 20000 20000 255\n' >huge/a.ppm && try huge
# an IHDR of 20000 x 20000 with its checksum
mkdir hugepng && printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0\x6c\x12\xd1\x6e' >hugepng/a.png && try hugepng
mkdir folder && mkdir folder/a.png && try folder && ls bank
ls
