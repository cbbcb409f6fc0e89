# verdict: zero_gradient
def loss(logits, labels):
    pad = labels == -100
    return torch.logsumexp(logits[pad], dim=-1).mean()
