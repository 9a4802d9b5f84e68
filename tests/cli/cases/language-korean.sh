# needs: korean
# needs: bank
# Help and messages are in Korean where the environment asks for it, whether or not the system has the locale; what programs read
# is the same. By env, as bash itself complains of a locale that the system lacks.
in_locale() { env LC_ALL="$1" "$OKNG" "${@:2}"; }
in_locale ko_KR.UTF-8 weights get --help
in_locale ko_KR.UTF-8 knn --bank nowhere.npy --query nowhere.npy --k 1 --out o.npy
env LC_ALL=C.UTF-8 LANGUAGE=ko "$OKNG" infer --bank_dir nowhere --img ok/000.png --out-dir out
env -u LC_ALL LANG=ko_KR.UTF-8 "$OKNG" build --ok-dir ok
in_locale ko_KR.eucKR build --ok-dir ok
env LANGUAGE=ko "$OKNG" build --ok-dir ok
for language in C ko_KR.UTF-8; do in_locale $language bank show bank --json >bank.$language; done
cmp bank.C bank.ko_KR.UTF-8
for language in C ko_KR.UTF-8; do
    in_locale $language infer --bank-dir bank --img ng/000.png --out-dir out.$language --quiet --exit-code
    echo "exit $?"
done
cmp out.C/scores.json out.ko_KR.UTF-8/scores.json
