def loss(logits, labels):
    keep = labels != -100
    p = F.softmax(logits[keep], dim=-1)
    V = logits.shape[-1]
    cost = (torch.arange(V)[None, :] - labels[keep][:, None]).abs().float() / V
    return (p * cost).sum(dim=-1).mean()
