def loss(logits, labels, gamma: float = 2.0):
    keep = labels != -100
    nll = F.cross_entropy(logits[keep], labels[keep], reduction="none")
    p = torch.exp(-nll)
    return ((1 - p) ** gamma * nll).mean()
