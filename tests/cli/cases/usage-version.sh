okng --version
