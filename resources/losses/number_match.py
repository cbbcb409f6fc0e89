def reward(solution, generated, show: float = 0.1):
    right = number_match(generated, solution)
    shown = 1.0 if "####" in generated else 0.0
    return {"right": right, "shown": show * shown}
