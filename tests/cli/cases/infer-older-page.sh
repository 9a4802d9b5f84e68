# needs: bank
# A report.html that is there is nobody's to remove: it is left with a word, and is not written over.
infer() {
    okng infer --bank-dir bank --quiet "$@"
    echo "exit $?"
}
mkdir in out && cp ok/000.png in/a.png && cp ng/000.png in/b.png
echo mine >out/report.html
infer --img in --out-dir out
cat out/report.html
mkdir two && echo mine >two/report.html
infer --img in --out-dir two --report
ls two && cat two/report.html
mkdir -p three/report_files/pictures && echo mine >three/report_files/pictures/0.jpg
infer --img in --out-dir three --report
cat three/report_files/pictures/0.jpg
echo "a run that was stopped is done anew, with its page"
infer --img in --out-dir four --report
rm four/results.csv four/report.html
infer --img in --out-dir four --report
infer --img in --out-dir four --report --append
ls four
infer --img ok/001.png --out-dir four --report --append
infer --img ok/001.png --out-dir four --append
ls four
