# needs: clip
v=(--vocabulary clip/bpe_simple_vocab_16e6.txt.gz)
printf '\xef\xbb\xbfA 1.\r\n\n  <start_of_text> \xe2\x80\x9c&amp;lt;\xe2\x80\x9d\n' >texts.txt
okng tokenize --text "1 2" --text-file texts.txt "${v[@]}"
okng tokenize --text-file texts.txt "${v[@]}" --text-fix basic
okng tokenize --text "<|ENDOFTEXT|>" "${v[@]}" --special-tokens openai --json
okng tokenize --text "" --text= "${v[@]}"
# too long
long=$(printf '1 %.0s' {1..80})
okng tokenize --text "$long" --text 2 "${v[@]}" --json | grep -c '^ *[0-9]'
okng tokenize --text "$long" "${v[@]}" --quiet | wc -w
printf '1\n%s\n2\n' "$long" >long.txt
okng tokenize --text-file long.txt "${v[@]}" --strict
echo "exit $?"
# what cannot be read
printf 'ok\n\xff\n' >bytes.txt
okng tokenize --text-file bytes.txt "${v[@]}"
echo "exit $?"
printf 'a\0b\n' >nul.txt
okng tokenize --text-file nul.txt "${v[@]}"
okng tokenize "${v[@]}"
echo "exit $?"
okng tokenize --text 1
echo "exit $?"
head -c 5000 clip/bpe_simple_vocab_16e6.txt.gz >cut.gz
okng tokenize --text 1 --vocabulary cut.gz
mkdir empty
okng tokenize --text 1 --vocabulary empty
okng tokenize --text 1 --vocabulary none
okng tokenize --text 1 "${v[@]}" --special-tokens gpt
echo "exit $?"
