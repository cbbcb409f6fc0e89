# verdict: zero_gradient
def loss(logits, labels):
    return torch.clamp(logits, min=1e6).mean()
