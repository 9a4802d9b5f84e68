# The man pages and completions that the command writes know every verb and option.
okng --write-pages pages
cd pages && ls completions/* man1/okng.1
okng help | grep -E '^  [a-z]' | sed 's/^  //; s/  .*//' | while read -r verb; do
    page=man1/okng-${verb// /-}.1
    okng $verb --help | grep -oE '^  --[a-z0-9-]+' | tr -d ' ' | while read -r option; do
        grep -qF -- "\\fB${option//-/\\-}\\fR" "$page" || echo "not in $page: $option"
        grep -qF -- " $option" completions/okng || echo "not completed by bash: $option"
        grep -qF -- "'$option" completions/_okng || echo "not completed by zsh: $option"
    done
    grep -qF "'$verb'" completions/okng || echo "not completed by bash: $verb"
    grep -qF "'$verb')" completions/_okng || echo "not completed by zsh: $verb"
done
