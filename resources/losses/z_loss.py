def loss(logits, labels, weight: float = 1e-4, cross_entropy: float = 1.0):
    keep = labels != -100
    kept = logits[keep]
    z = torch.logsumexp(kept, dim=-1)
    return {"cross_entropy": cross_entropy * F.cross_entropy(kept, labels[keep]), "z": weight * (z ** 2).mean()}
