def reward(generated, ended, words_wanted: int = 20, width: float = 10.0):
    count = len(words(generated))
    near = math.exp(-abs(count - words_wanted) / width)
    return near if ended else 0.5 * near
