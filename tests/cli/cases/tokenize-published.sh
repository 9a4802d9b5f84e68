# needs: shared weights/bpe_simple_vocab_16e6.txt.gz
v=$SHARED/weights/bpe_simple_vocab_16e6.txt.gz
while read -r text; do okng tokenize --text "$text" --vocabulary "$v"; done <<'END'
without defect.
with defect.
a photo of a cat
a cropped photo of the metal_nut.
a close-up photo of a damaged metal nut.
a photo of the pcb1 for visual inspection.
END
# unpacked, and beside a name that says nothing
gzip -dc "$v" >words
okng tokenize --text "don’t ﬁne ＦＵＬＬ" --vocabulary words
okng tokenize --text "don’t ﬁne ＦＵＬＬ" --vocabulary words --text-fix basic
# thousands of lines take a moment
seq 5000 | sed 's/$/ a photo of a flawless metal nut for visual inspection/' >many.txt
okng tokenize --text-file many.txt --vocabulary "$v" | tail -n 1
