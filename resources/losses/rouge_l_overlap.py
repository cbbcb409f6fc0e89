def reward(solution, generated):
    return rouge_l(generated, solution)
