# verdict: ok
# kink: 3
def loss(logits, labels):
    keep = labels != -100
    return torch.abs(torch.logsumexp(logits[keep], dim=-1)).mean()
