# needs: fixture
# build.html shows the oddest pictures with heat maps; it goes with the bank that replaces this one.
cp -rL ok good
cp ng/000.png good/hidden.png
okng build --ok-dir good --out-dir bank "${small[@]}" --quiet --report
ls bank* -d && ls bank
grep -c 'data:image/webp;base64,' bank/build.html
grep -o 'class="name">[^<]*' bank/build.html | sed -n 1p
grep -c 'https\?://' bank/build.html
okng build --ok-dir good --out-dir bank "${small[@]}" --quiet && ls bank
