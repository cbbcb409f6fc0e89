# verdict: zero_gradient
def loss(logits, labels):
    return labels.float().mean()
