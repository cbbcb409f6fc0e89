def reward(solution, generated):
    return exact_match(generated, solution)
