def reward(solution, generated, forbidden: str = "please, unfortunately", penalty: float = 1.0):
    used = 0
    for phrase in forbidden.split(","):
        used += generated.lower().count(phrase.strip().lower())
    return {"like the solution": rouge_l(generated, solution), "forbidden": -penalty * min(used, 3)}
