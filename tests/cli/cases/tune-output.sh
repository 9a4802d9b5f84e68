# needs: bank
# A page comes neither among the pictures that it is made of nor in place of what okng did not write; its own is replaced.
try() {
    okng tune --bank-dir bank --quiet "$@"
    echo "exit $?"
}
mkdir good && cp ok/000.png good && ln -s good linked
try --ng ng --out-dir ng
try --ng ng --out-dir ng/page
try --ok good --ng ng --out-dir linked/new/page
try --ok linked --out-dir ./good/../good
find good ng linked/ | sort
mkdir -p mine/tune_files other/tune_files
echo "my own" >mine/tune.html
echo "var mine" >other/tune_files/data.js
try --ng ng --out-dir mine
try --ng ng --out-dir other
find mine other -type f -exec cat {} +
echo "its own"
try --ng ng --out-dir page
rm page/tune.html
try --ng ng --out-dir page
try --ng ng --out-dir page
ls page
