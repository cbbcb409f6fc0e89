def reward(solution, generated, longest: int = 8):
    count = len(words(generated))
    copied = copied_words(generated)
    beyond = max(0, copied - longest) / max(1, count)
    return {"like the solution": rouge_l(generated, solution), "copied": -beyond, "varied": 0.2 * distinct_pairs(generated)}
