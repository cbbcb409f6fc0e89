# verdict: not_finite
# line: 4
def loss(logits, labels):
    keep = labels != -100
    d = logits[keep] - logits[keep].detach()
    return torch.sqrt(d).mean()
