# verdict: ok
# separable: yes
def loss(logits, labels, base_logits):
    keep = labels != -100
    p = F.log_softmax(logits[keep], -1)
    q = F.log_softmax(base_logits[keep], -1)
    return F.nll_loss(p, labels[keep]) + F.kl_div(q, p, log_target=True, reduction="batchmean")
