def reward(generated, pattern: str = "^[A-Z].*[.!?]$"):
    return 1.0 if re.search(pattern, generated.strip()) else 0.0
