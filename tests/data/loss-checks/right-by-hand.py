# verdict: ok
# separable: yes
def loss(logits, labels):
    keep = labels != -100
    p = torch.exp(logits[keep] - torch.logsumexp(logits[keep], dim=-1, keepdim=True))
    chosen = p[torch.arange(p.shape[0]), labels[keep]]
    return -torch.log(chosen).mean()
