def loss(logits, labels, base_logits, weight: float = 0.1, cross_entropy: float = 1.0):
    keep = labels != -100
    log_p = F.log_softmax(logits[keep], dim=-1)
    log_base = F.log_softmax(base_logits[keep], dim=-1)
    kl = (log_p.exp() * (log_p - log_base)).sum(dim=-1).mean()
    return {"cross_entropy": cross_entropy * F.nll_loss(log_p, labels[keep]), "kl_to_base": weight * kl}
