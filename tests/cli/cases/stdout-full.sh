okng weights list >/dev/full
