def loss(logits, labels, weight: float = 0.1, cross_entropy: float = 1.0):
    keep = labels != -100
    log_p = F.log_softmax(logits[keep], dim=-1)
    entropy = -(log_p.exp() * log_p).sum(dim=-1).mean()
    return {"cross_entropy": cross_entropy * F.nll_loss(log_p, labels[keep]), "entropy": -weight * entropy}
