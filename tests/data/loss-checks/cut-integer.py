# verdict: cut
# line: 3
# rewrite: Keep the fraction
def loss(logits, labels):
    keep = labels != -100
    z = torch.logsumexp(logits[keep], dim=-1).long()
    return (z * z).float().mean()
