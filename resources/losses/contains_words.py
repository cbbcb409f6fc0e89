def reward(generated, wanted: str = "sorry, refund"):
    found = 0
    phrases = [phrase.strip().lower() for phrase in wanted.split(",")]
    for phrase in phrases:
        if phrase in generated.lower():
            found += 1
    return found / len(phrases)
