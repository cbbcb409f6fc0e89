def scheduled(start, end, progress):
    return start + (end - start) * progress

def loss(logits, labels, base_logits, progress, cross_entropy_start: float = 1.0, cross_entropy_end: float = 1.0,
         kl_start: float = 0.0, kl_end: float = 0.1, entropy_start: float = 0.1, entropy_end: float = 0.0):
    keep = labels != -100
    log_p = F.log_softmax(logits[keep], dim=-1)
    log_base = F.log_softmax(base_logits[keep], dim=-1)
    kl = (log_p.exp() * (log_p - log_base)).sum(dim=-1).mean()
    entropy = -(log_p.exp() * log_p).sum(dim=-1).mean()
    return {
        "cross_entropy": scheduled(cross_entropy_start, cross_entropy_end, progress) * F.nll_loss(log_p, labels[keep]),
        "kl_to_base": scheduled(kl_start, kl_end, progress) * kl,
        "entropy": -scheduled(entropy_start, entropy_end, progress) * entropy,
    }
