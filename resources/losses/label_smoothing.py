def loss(logits, labels, smoothing: float = 0.1):
    keep = labels != -100
    log_p = F.log_softmax(logits[keep], dim=-1)
    nll = -log_p.gather(-1, labels[keep][:, None])[:, 0]
    return ((1 - smoothing) * nll - smoothing * log_p.mean(dim=-1)).mean()
