def reward(solution, generated):
    return bleu(generated, solution)
