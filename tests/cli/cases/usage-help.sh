okng --help | cmp - <(okng help) && okng help
