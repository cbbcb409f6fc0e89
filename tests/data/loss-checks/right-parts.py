# verdict: ok
# separable: yes
# split: yes
def loss(logits, labels, weight: float = 0.1):
    keep = labels != -100
    log_p = F.log_softmax(logits[keep], dim=-1)
    entropy = -(log_p.exp() * log_p).sum(-1).mean()
    return {"nll": F.nll_loss(log_p, labels[keep]), "entropy": -weight * entropy}
