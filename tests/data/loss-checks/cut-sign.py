# verdict: cut
# line: 3
# rewrite: A soft sign
def loss(logits, labels):
    keep = labels != -100
    return torch.sign(torch.logsumexp(logits[keep], dim=-1)).mean()
