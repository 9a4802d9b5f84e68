okng
